#include "pg/log_queries.h"

#include <catch2/catch.hpp>
#include <string>

#include "pg/connection.h"
#include "support/test_database.h"

namespace ordercast {
namespace {

using testing::TestDatabase;

std::unique_ptr<pqxx::connection> reader(const TestDatabase& database) {
  auto connection = pg::connect(database.url());  // as a server does: without jit
  pg::prepare_log_queries(*connection);
  return connection;
}

// `count` changes in one transaction, each with a row of `bytes` bytes of text.
void log_changes(TestDatabase& database, int count, int bytes = 10) {
  database.exec(
      "INSERT INTO ordercast.change_log (stream, op, key, new_row) SELECT 'orders', 'i', '{}', "
      "'{\"note\":\"' || repeat('x', " +
      std::to_string(bytes) + ") || '\"}' FROM generate_series(1, " + std::to_string(count) + ")");
}

// Lines of the plan that hold these words.
std::size_t count_in_plan(pqxx::connection& connection, const std::string& execute,
                          const std::string& words) {
  pqxx::nontransaction query(connection);
  std::size_t found = 0;
  for (const auto& line : query.exec("EXPLAIN " + execute)) {
    if (std::string(line[0].c_str()).find(words) != std::string::npos) ++found;
  }
  return found;
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

TEST_CASE("a plan made for any position does not go through the whole log in the order of seq") {
  TestDatabase database;
  const auto connection = reader(database);
  log_changes(database, 20'000);
  database.exec("ANALYZE ordercast.change_log");
  pg::keep_plans(*connection);
  (void)pg::read_page(*connection, pg::read_head(*connection));  // libpqxx prepares at first use
  const std::string next = "EXECUTE ordercast_next_batch('1000000', '{}')";
  CHECK(count_in_plan(*connection, next, "seq_idx") == 0);
  CHECK(count_in_plan(*connection, next, "tx_idx") > 0);
}

TEST_CASE("who follows the log plans once, however large it grows") {
  TestDatabase database;
  const auto connection = reader(database);
  pg::keep_plans(*connection);
  log_changes(database, 20'000);
  database.exec("ANALYZE ordercast.change_log");
  for (int i = 0; i < 8; ++i) (void)pg::read_page(*connection, pg::read_head(*connection));
  pqxx::nontransaction query(*connection);
  const auto plans = query.exec1(
      "SELECT generic_plans, custom_plans FROM pg_prepared_statements"
      " WHERE name = 'ordercast_next_batch'");
  CHECK(plans[0].as<int>() >= 8);
  CHECK(plans[1].as<int>() == 0);
}

}  // namespace
}  // namespace ordercast
