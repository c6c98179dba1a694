#include "core/order_by.h"

#include <catch2/catch.hpp>

namespace ordercast {
namespace {

const StreamInfo kOrders{.name = "orders",
                         .table = "public.orders",
                         .key = {"id"},
                         .columns = {{"id", "bigint", "bigint"},
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
  CHECK(OrderBy().empty());
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
  }));
  CAPTURE(text);
  try {
    (void)order(text);
    FAIL("was taken");
  } catch (const FilterError& error) {
    CHECK(error.position == position);
    CHECK_THAT(error.what(), Catch::Contains("id bigint, items jsonb, total numeric"));
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
