#include <catch2/catch.hpp>
#include <string>

#include "support/eventually.h"
#include "support/node.h"
#include "support/test_database.h"

namespace ordercast {
namespace {

using testing::TestDatabase;

TEST_CASE("a server lets go of changes that are past retention, and remembers that it did") {
  TestDatabase database;
  const auto insert = [&](const std::string& at, int slot) {
    return database.scalar(
        "INSERT INTO ordercast.change_log (stream, op, at, slot) VALUES ('orders', 't', " + at +
        ", " + std::to_string(slot) + ") RETURNING tx");
  };
  const auto old_tx = insert("now() - interval '7 days'", 3);
  insert("now()", 4);

  const testing::ServedNode node(database);
  REQUIRE(testing::eventually(
      [&] { return database.scalar("SELECT count(*) FROM ordercast.change_log") == "1"; }));
  REQUIRE(database.scalar("SELECT floor_tx FROM ordercast.history") == old_tx);
}

}  // namespace
}  // namespace ordercast
