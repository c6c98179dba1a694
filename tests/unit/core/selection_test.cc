#include "core/selection.h"

#include <catch2/catch.hpp>

#include "core/filter_error.h"
#include "support/orders_stream.h"

namespace ordercast {
namespace {

using testing::Order;

Selection parse(std::string_view text) {
  return Selection::parse(text, testing::orders_stream());
}

std::string rendered(const Selection& selection, std::string_view row) {
  std::string out;
  selection.append_row(out, Row(row));
  return out;
}

TEST_CASE("A selection shows its columns in its order, each value as the row has it",
          "[selection]") {
  CHECK(rendered(parse("total,id"), R"({"id":"42","total":"0.1234567890123456789","note":null})") ==
        R"({"total":"0.1234567890123456789","id":"42"})");
}

TEST_CASE("A selection gives columns other names", "[selection]") {
  const auto text = Order{.status = "packed"}.row();
  CHECK(rendered(parse("id,state:status"), text) == R"({"id":"1","state":"packed"})");
  CHECK(rendered(parse(R"(city:"Ship to",id)"), text) == R"({"city":{"city": "Rye"},"id":"1"})");
  CHECK(rendered(parse(R"("Ship to",id)"), text) == R"({"Ship to":{"city": "Rye"},"id":"1"})");
}

TEST_CASE("Two columns may swap their names", "[selection]") {
  CHECK(rendered(parse("id,total:status,status:total"), Order{}.row()) ==
        R"({"id":"1","total":"paid","status":"9.90"})");
}

TEST_CASE("The key is always there, once", "[selection]") {
  CHECK(rendered(parse("status"), Order{.id = 7}.row()) == R"({"status":"paid","id":"7"})");
  CHECK(rendered(parse("number:id"), Order{.id = 7}.row()) == R"({"number":"7"})");
}

TEST_CASE("A row from before there was the column has null", "[selection]") {
  CHECK(rendered(parse("id,status"), R"({"id":"1"})") == R"({"id":"1","status":null})");
}

TEST_CASE("A column whose name JSON escapes can be selected", "[selection]") {
  auto stream = testing::orders_stream();
  stream.columns.push_back({.name = R"(say "hi"\)", .type = "text"});
  const auto selection = Selection::parse(R"("say \"hi\"\\",id)", stream);
  CHECK(rendered(selection, R"({"id":"1","say \"hi\"\\":"x"})") ==
        R"({"say \"hi\"\\":"x","id":"1"})");
}

TEST_CASE("What differs is told by the names that are shown", "[selection]") {
  const auto selection = parse("id,state:status");
  const Order paid{.total = "1.00"};
  const Order packed{.status = "packed", .total = "2.00"};
  const auto before = paid.row();
  const auto after = packed.row();
  std::string out;
  selection.append_changed(out, Row(before), Row(after));
  CHECK(out == R"({"state":["paid","packed"]})");
  CHECK(selection.differs(Row(before), Row(after)));
  CHECK_FALSE(parse("id,merchant_id").differs(Row(before), Row(after)));
}

TEST_CASE("A star is all columns, as no selection is", "[selection]") {
  CHECK(Selection().all());
  CHECK(parse("*").all());
  CHECK(parse("*").canonical().empty());
  CHECK_FALSE(parse("id").all());
}

TEST_CASE("Selections that show the same are equal, others not", "[selection]") {
  CHECK(parse("status").canonical() == parse("status,id").canonical());
  CHECK(parse("status,id").canonical() == parse("status:status,\"id\"").canonical());
  CHECK(parse("status,total").canonical() != parse("total,status").canonical());
  CHECK(parse("status").canonical() != parse("state:status").canonical());
}

TEST_CASE("A selection that cannot be is refused where it is wrong, with the columns",
          "[selection]") {
  const auto [text, position, message] = GENERATE(table<std::string, std::size_t, std::string>(
      {{"", 1, "a column was expected"},
       {"id,", 4, "a column was expected"},
       {"id,,status", 4, "a column was expected"},
       {"id, status", 4, "a column was expected"},
       {"id,secret", 4, "no column 'secret'"},
       {"id,x:secret", 6, "no column 'secret'"},
       {"id,x:", 6, "a column was expected"},
       {"id::text", 4, "a column was expected"},
       {"id,\"Ship to", 4, "no end"},
       {"\"a b\":id", 1, "a new name has"},
       {"\"Ship to\"x", 10, "',' or the end"},
       {"id,*", 4, "a column was expected"},
       {"items(sku)", 1, "no column 'items'"},
       {"status,status", 8, "'status' is there already"},
       {"status,x:status", 10, "'status' is there already"},
       {"x:status,x:total", 10, "the name 'x' is there already"},
       {"id:status", 1, "that of a key column"},
       {"\"ä\",id", 1, "no column 'ä'"},
       {"\"Ship to\":ä", 1, "a new name has"}}));
  CAPTURE(text);
  try {
    (void)parse(text);
    FAIL("not refused");
  } catch (const FilterError& error) {
    CHECK(error.parameter == "select");
    CHECK(error.position == position);
    CHECK_THAT(error.what(), Catch::Contains(message));
    CHECK_THAT(error.what(), Catch::Contains("id bigint, merchant_id integer, status text, total"));
  }
}

TEST_CASE("A position counts characters", "[selection]") {
  auto stream = testing::orders_stream();
  stream.columns.push_back({.name = "größe", .type = "text"});
  try {
    (void)Selection::parse("\"größe\",secret", stream);
    FAIL("not refused");
  } catch (const FilterError& error) {
    CHECK(error.position == 9);
  }
}

TEST_CASE("A name that a client makes up has a bound", "[selection]") {
  CHECK_NOTHROW(parse(std::string(63, 'x') + ":status"));
  CHECK_THROWS_WITH(parse(std::string(64, 'x') + ":status"), Catch::Contains("63"));
}

}  // namespace
}  // namespace ordercast
