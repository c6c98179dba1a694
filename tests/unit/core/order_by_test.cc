#include "core/order_by.h"

#include <catch2/catch.hpp>

namespace ordercast {
namespace {

const StreamInfo kOrders{.name = "orders",
                         .table = "public.orders",
                         .key = {"id"},
                         .columns = {{"id", "bigint", "bigint"},
                                     {"Ship to, \"or\".not", "text", "text"},
                                     {"items", "jsonb", "jsonb"},
                                     {"total", "numeric", "numeric"}},
                         .tenant = ""};

std::string order(const std::string& text) {
  return OrderBy::parse({"order", text}, kOrders).canonical();
}

TEST_CASE("An order names columns, directions and where nulls go", "[order_by]") {
  CHECK(order("id") == R"([{"column":"id","descending":false,"nulls_first":false}])");
  CHECK(order("total.desc,id.asc.nullsfirst") ==
        R"([{"column":"total","descending":true,"nulls_first":true},)"
        R"({"column":"id","descending":false,"nulls_first":true}])");
  CHECK(order("total.desc.nullslast") ==
        R"([{"column":"total","descending":true,"nulls_first":false}])");
  CHECK(order("total.nullsfirst") ==
        R"([{"column":"total","descending":false,"nulls_first":true}])");
  CHECK(order(R"("id".desc)") == order("id.desc"));
  CHECK(order(R"("Ship to, \"or\".not")") ==
        R"([{"column":"Ship to, \"or\".not","descending":false,"nulls_first":false}])");
  CHECK(OrderBy().empty());
}

TEST_CASE("An order goes by paths into jsonb, as filters do", "[order_by]") {
  CHECK(order("items->0->>sku.desc,id") ==
        R"([{"as":"text","column":"items","descending":true,"nulls_first":true,"path":[0,"sku"]},)"
        R"({"column":"id","descending":false,"nulls_first":false}])");
  CHECK(order(R"(items->"0"->-1->"a.b")") ==
        R"([{"as":"number","column":"items","descending":false,"nulls_first":false,)"
        R"("path":["0",-1,"a.b"]}])");
}

TEST_CASE("An order that makes no sense is refused, and where", "[order_by]") {
  const auto [text, position] = GENERATE(table<std::string, std::size_t>({
      {"", 1},
      {"id,", 4},
      {"nothing", 1},
      {"id.up", 4},
      {"id.desc.first", 9},
      {"items", 1},
      {"id.nullslast.desc", 14},
      {"id desc", 1},
      {"id.", 4},
      {"id..desc", 4},
      {"id.descending", 4},
      {"id)", 3},
      {"\"id", 1},
      {"\"id\"desc", 5},
      {"items->", 8},
      {"items->>a->b", 10},
      {"total->0", 6},
  }));
  CAPTURE(text);
  try {
    (void)order(text);
    FAIL("was taken");
  } catch (const FilterError& error) {
    CHECK(error.position == position);
    CHECK_THAT(error.what(), Catch::EndsWith("items jsonb, total numeric"));
  }
}

TEST_CASE("An order has at most so many columns", "[order_by]") {
  std::string text = "id";
  for (std::size_t i = 1; i < OrderBy::kMaxColumns; ++i) text += ",id";
  CHECK_NOTHROW(order(text));
  CHECK_THROWS_AS(order(text + ",id"), FilterError);
}

TEST_CASE("A limit is a number of rows", "[order_by]") {
  CHECK(parse_limit({"limit", "20"}, kOrders) == 20);
  CHECK(parse_limit({"limit", "0"}, kOrders) == 0);
  for (const auto* bad : {"", "-1", "1.5", "20 ", "1000000001", "99999999999999999999"}) {
    CHECK_THROWS_AS(parse_limit({"limit", bad}, kOrders), FilterError);
  }
}

}  // namespace
}  // namespace ordercast
