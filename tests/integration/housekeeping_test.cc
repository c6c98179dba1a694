#include <catch2/catch.hpp>
#include <string>

#include "integration/log_rows.h"
#include "support/event_client.h"
#include "support/eventually.h"
#include "support/node.h"
#include "support/orders_table.h"
#include "support/test_database.h"

namespace ordercast {
namespace {

using testing::TestDatabase;

TEST_CASE("a server lets go of changes that are past retention, and remembers that it did") {
  TestDatabase database;
  const auto old_tx = testing::log_old_change(database, "orders", 6);
  testing::log_old_change(database, "orders", 0);

  const testing::ServedNode node(database);
  REQUIRE(testing::eventually(
      [&] { return database.scalar("SELECT count(*) FROM ordercast.change_log") == "1"; }));
  REQUIRE(database.scalar("SELECT floor_tx FROM ordercast.history") == old_tx);
}

TEST_CASE("a server says when the log is too large and nothing can be let go") {
  TestDatabase database;
  database.exec(
      "SELECT ordercast.set_retention(size => '1 MB');"
      "INSERT INTO ordercast.change_log (stream, op, new_row) SELECT 'orders', 'i', string_agg("
      "encode(sha256(i::text::bytea), 'hex'), '') FROM generate_series(1, 50000) AS i");
  testing::ServedNode node(database);
  REQUIRE(testing::eventually([&] {
    return node.process().stderr_text().find("over its size limit") != std::string::npos;
  }));
}

TEST_CASE("of several servers one keeps house; the others serve meanwhile, and take over") {
  testing::OrdersTable orders;
  auto& database = orders.database();
  testing::log_old_change(database, "old", 6);
  const auto old = [&] {
    return database.scalar("SELECT count(*) FROM ordercast.change_log WHERE stream = 'old'");
  };
  {
    // As one that is at it: the key is ordercast.prune()'s.
    const auto session = database.connect();
    pqxx::work busy(*session);
    busy.exec("SELECT pg_advisory_xact_lock(7316090842917155264)");
    const testing::ServedNode other(database);
    testing::EventClient client(other.port());
    // When it has read twice, it has kept house in between.
    for (const auto* id : {"1", "2"}) {
      orders.exec(std::string("INSERT INTO orders (id) VALUES (") + id + ")");
      CHECK(client.expect("insert").at("key").at("id") == id);
    }
    CHECK(old() == "1");
  }
  const testing::ServedNode next(database);
  CHECK(testing::eventually([&] { return old() == "0"; }));
}

}  // namespace
}  // namespace ordercast
