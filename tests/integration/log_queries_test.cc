#include "pg/log_queries.h"

#include <catch2/catch.hpp>
#include <string>

#include "integration/log_rows.h"
#include "pg/connection.h"
#include "support/test_database.h"

namespace ordercast {
namespace {

using testing::count_in_plan;
using testing::log_changes;
using testing::TestDatabase;

std::unique_ptr<pqxx::connection> reader(const TestDatabase& database) {
  auto connection = pg::connect(database.url());  // as a server does: without jit
  pg::prepare_log_queries(*connection);
  return connection;
}

TEST_CASE("a page holds what its snapshot sees and the position did not") {
  TestDatabase database;
  const auto connection = reader(database);
  const auto start = pg::read_head(*connection);
  REQUIRE(pg::read_page(*connection, start).changes.empty());

  log_changes(database, 3);
  const auto page = pg::read_page(*connection, start);
  REQUIRE(page.changes.size() == 3);
  REQUIRE(page.complete);
  REQUIRE(pg::read_page(*connection, page.end()).changes.empty());
}

TEST_CASE("a transaction that takes its numbers first and commits last is read when it commits") {
  TestDatabase database;
  const auto connection = reader(database);
  const auto start = pg::read_head(*connection);
  const std::string insert =
      "INSERT INTO ordercast.change_log (stream, op, key, new_row) VALUES ('orders', 'i', '{}', "
      "'{}')";

  const auto slow = database.connect();
  pqxx::work slow_work(*slow);
  slow_work.exec(insert);
  database.exec(insert);
  const auto first = pg::read_page(*connection, start);
  slow_work.commit();
  const auto second = pg::read_page(*connection, first.end());

  REQUIRE(first.changes.size() == 1);
  REQUIRE(second.changes.size() == 1);
  REQUIRE(second.changes[0].seq < first.changes[0].seq);
}

TEST_CASE("a large batch comes in pages that join exactly") {
  TestDatabase database;
  const auto connection = reader(database);
  auto position = pg::read_head(*connection);
  log_changes(database, 2500);

  std::vector<std::size_t> sizes;
  std::int64_t last = 0;
  for (bool complete = false; !complete;) {
    const auto page = pg::read_page(*connection, position);
    for (const auto& change : page.changes) {
      REQUIRE(change.seq > last);
      last = change.seq;
    }
    sizes.push_back(page.changes.size());
    // What commits between two pages belongs to the next batch.
    log_changes(database, 1);
    complete = page.complete;
    position = page.end();
  }
  REQUIRE(sizes == std::vector<std::size_t>{1000, 1000, 500});
  REQUIRE(pg::read_page(*connection, position).changes.size() == 3);
}

TEST_CASE("wide rows end a page before it is a thousand rows long") {
  TestDatabase database;
  const auto connection = reader(database);
  const auto start = pg::read_head(*connection);
  log_changes(database, 10, 400'000);

  const auto page = pg::read_page(*connection, start);
  REQUIRE_FALSE(page.complete);
  REQUIRE(page.changes.size() < 10);
  REQUIRE(pg::read_page(*connection, page.end()).changes.size() > 0);
}

TEST_CASE("a row too large to send comes as truncated, and counts for nothing in its page") {
  TestDatabase database;
  const auto connection = reader(database);
  const auto start = pg::read_head(*connection);
  log_changes(database, 2, 3'000'000);
  log_changes(database, 1);

  const auto page = pg::read_page(*connection, start);
  REQUIRE(page.changes.size() == 3);
  REQUIRE(page.changes[0].truncated);
  REQUIRE(page.changes[0].new_row.empty());
  REQUIRE_FALSE(page.changes[2].truncated);
}

TEST_CASE("a position behind retention, or ahead of the database, is history lost") {
  TestDatabase database;
  const auto connection = reader(database);
  auto position = pg::read_head(*connection);

  Position ahead = position;
  ahead.seen.xmax += 1000;
  ahead.seen.xmin = ahead.seen.xmax;
  ahead.seen.xip.clear();
  REQUIRE_THROWS_WITH(pg::read_page(*connection, ahead), "epoch");

  database.exec("UPDATE ordercast.history SET floor_tx = pg_current_xact_id()");
  REQUIRE_THROWS_WITH(pg::read_page(*connection, position), "retention");
}

TEST_CASE("a plan made while the log was empty does not scan the log when it has grown") {
  TestDatabase database;
  const auto connection = reader(database);
  auto position = pg::read_head(*connection);
  // More often than PostgreSQL plans a prepared statement anew (plan_cache_mode auto: five times).
  for (int i = 0; i < 8; ++i) {
    const Position inside{position.seen, Position::InBatch{position.seen, 1}};
    (void)pg::read_page(*connection, inside);
    position = pg::read_page(*connection, position).end();
  }
  const std::string scan = "Seq Scan on change_log";
  REQUIRE(count_in_plan(*connection, "EXECUTE ordercast_next_batch('1000000', '{}')", scan) == 0);
  REQUIRE(count_in_plan(*connection, "EXECUTE ordercast_rest_of_batch('5:5:', '9:9:', 1)", scan) ==
          0);
}

}  // namespace
}  // namespace ordercast
