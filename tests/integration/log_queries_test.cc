#include "pg/log_queries.h"

#include <catch2/catch.hpp>
#include <string>
#include <vector>

#include "integration/log_rows.h"
#include "integration/random_transactions.h"
#include "pg/connection.h"
#include "support/test_database.h"

namespace ordercast {
namespace {

using testing::count_in_plan;
using testing::executions_of;
using testing::log_changes;
using testing::TestDatabase;

std::unique_ptr<pqxx::connection> reader(const TestDatabase& database) {
  auto connection = pg::connect(database.url());  // as a server does: without jit
  pg::prepare_log_queries(*connection);
  return connection;
}

// All that the position has not seen, as the textbook finds it, by number.
std::vector<std::int64_t> unseen(pqxx::connection& connection, const Position& position) {
  std::vector<std::int64_t> seqs;
  for (const auto& row : pqxx::nontransaction(connection)
                             .exec_params("SELECT seq FROM ordercast.change_log WHERE NOT "
                                          "pg_visible_in_snapshot(tx, $1::text::pg_snapshot) "
                                          "ORDER BY seq",
                                          position.seen.text())) {
    seqs.push_back(row[0].as<std::int64_t>());
  }
  return seqs;
}

// The numbers of what the pages of one batch hold.
std::vector<std::int64_t> read_batch(pqxx::connection& connection, Position position) {
  std::vector<std::int64_t> seqs;
  for (bool complete = false; !complete;) {
    const auto page = pg::read_page(connection, position);
    REQUIRE(page.from == position);
    for (const auto& change : page.changes) seqs.push_back(change.seq);
    complete = page.complete;
    position = page.end();
  }
  return seqs;
}

// More than are sorted at once, in transactions of a few thousand.
void log_many_changes(TestDatabase& database) {
  for (int i = 0; i < 20; ++i) log_changes(database, 3'000);
}
// More than are looked at to find the next one.
void log_very_many_changes(TestDatabase& database) {
  for (int i = 0; i < 2; ++i) log_many_changes(database);
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

TEST_CASE("who was away long is sent each change that was not seen, in order, and no other") {
  TestDatabase database;
  const auto connection = reader(database);
  testing::RandomTransactions transactions(database, GENERATE(1U, 2U), 4);
  // Transactions that begin and end anywhere, before, between and after the watermarks.
  const auto trade = [&] {
    for (int step = 0; step < 60; ++step) {
      transactions.step(
          "INSERT INTO ordercast.change_log (stream, op) SELECT 'orders', 't' FROM "
          "generate_series(1, 3)");
    }
  };
  std::vector<Position> positions;
  for (int i = 0; i < 4; ++i) {
    trade();
    database.exec(
        "SELECT setval('ordercast.change_seq', nextval('ordercast.change_seq') + 1e5::int)");
    trade();
    database.exec("SELECT ordercast.set_watermark()");
    trade();
    positions.push_back(pg::read_head(*connection));
  }
  log_very_many_changes(database);
  trade();
  transactions.end();
  REQUIRE(database.scalar("SELECT count(*) FROM ordercast.watermarks") == "4");
  for (const auto& position : positions) {
    CHECK(read_batch(*connection, position) == unseen(*connection, position));
  }
  CHECK(executions_of(*connection, "ordercast_next_batch") == 0);
}

// As if so many million changes had been logged by others.
void pass_over(TestDatabase& database, int millions) {
  database.exec("SELECT setval('ordercast.change_seq', nextval('ordercast.change_seq') + " +
                std::to_string(millions) + "000000)");
}

// A transaction that runs: its changes are not committed yet.
struct Running {
  explicit Running(const TestDatabase& database) : session(database.connect()), work(*session) {}
  void log_changes(int count) {
    work.exec(
        "INSERT INTO ordercast.change_log (stream, op) SELECT 'orders', 't' FROM "
        "generate_series(1, " +
        std::to_string(count) + ")");
  }
  std::unique_ptr<pqxx::connection> session;
  pqxx::work work;
};

TEST_CASE("a transaction that ran for long is not looked for in all that was logged meanwhile") {
  TestDatabase database;
  const auto connection = reader(database);
  Running running(database);
  running.log_changes(3);
  pass_over(database, 20);
  database.exec("SELECT ordercast.set_watermark()");
  log_changes(database, 1);
  const auto position = pg::read_head(*connection);
  REQUIRE(position.seen.xmin < position.seen.xmax);  // autovacuum's may run, too
  constexpr int kMany = 60'000;
  SECTION("when it logs more itself") {
    running.log_changes(kMany);
  }
  SECTION("when others do") {
    log_changes(database, kMany);
  }
  running.work.commit();
  CHECK(read_batch(*connection, position) == unseen(*connection, position));
  // Not a step for each stretch in between.
  CHECK(executions_of(*connection, "ordercast_rest_of_batch") < kMany / 1'000 + 5);
}

TEST_CASE("changes of a vast transaction are looked for from the last watermark before it on") {
  TestDatabase database;
  const auto connection = reader(database);
  Running running(database);
  pass_over(database, 20);
  database.exec("SELECT ordercast.set_watermark()");
  running.log_changes(3);
  pass_over(database, 1);
  database.exec("SELECT ordercast.set_watermark()");
  log_changes(database, 1);
  const auto position = pg::read_head(*connection);
  running.log_changes(1'000'001);
  running.work.commit();
  const auto first = pg::read_page(*connection, position);
  CHECK(first.changes.size() == 3);
  CHECK(first.changes.at(0).seq == 20'000'002);
  const auto second = pg::read_page(*connection, first.end());
  CHECK(second.changes.size() == 1'000);
  CHECK(second.changes.at(0).seq == first.changes.at(2).seq + 1'000'003);
  CHECK(executions_of(*connection, "ordercast_rest_of_batch") < 10);
}

TEST_CASE("a long way through the log is gone in steps, each of which is told") {
  TestDatabase database;
  const auto connection = reader(database);
  const auto position = pg::read_head(*connection);
  const auto log_at_once = [&](int count) {
    Running running(database);
    running.log_changes(count);
    running.work.commit();
  };
  log_at_once(100'001);
  const auto large = pg::read_head(*connection).seen;
  const bool knows_better = GENERATE(false, true);
  if (knows_better) database.exec("SELECT ordercast.set_watermark()");
  log_at_once(1'200'000);
  int answers = 0;
  const auto page = pg::read_page(*connection, {position.seen, Position::InBatch{large, 100'001}},
                                  [&] { ++answers; });
  CHECK(page.complete);
  CHECK(page.changes.empty());
  const auto stretches = executions_of(*connection, "ordercast_rest_of_batch");
  // A watermark that was set when all of the batch had ended is where it has ended, too.
  CHECK(stretches == (knows_better ? 1 : 3));
  CHECK(answers == stretches + executions_of(*connection, "ordercast_below_next"));
}

TEST_CASE("a batch does not end at a watermark that only some of it had ended before") {
  TestDatabase database;
  const auto connection = reader(database);
  const auto start = pg::read_head(*connection);
  pass_over(database, 1);
  log_changes(database, 5);
  database.exec("SELECT ordercast.set_watermark()");
  pass_over(database, 1);
  log_changes(database, 1'500);
  const Position before{start.seen, Position::InBatch{pg::read_head(*connection).seen, 0}};
  CHECK(read_batch(*connection, before) == unseen(*connection, start));
  CHECK(executions_of(*connection, "ordercast_below_next") > 0);
}

TEST_CASE("a batch ends where its last change is, also when the log has grown far beyond") {
  TestDatabase database;
  const auto connection = reader(database);
  const auto start = pg::read_head(*connection);
  log_changes(database, 1'500);
  const auto first = pg::read_page(*connection, start);
  pass_over(database, 1);
  log_changes(database, 5);
  CHECK(read_batch(*connection, first.end()).size() == 500);
  // A number that no change will ever have, as a client may send one.
  const Position beyond{start.seen, Position::InBatch{first.now, INT64_MAX}};
  CHECK(read_batch(*connection, beyond).empty());
}

TEST_CASE("what is dropped while a page goes its way is history lost") {
  TestDatabase database;
  const auto connection = reader(database);
  const auto start = pg::read_head(*connection);
  log_changes(database, 1'500);
  const auto batch = pg::read_head(*connection).seen;
  pass_over(database, 1);
  log_changes(database, 5);
  const auto drop = [&] {
    database.exec("DELETE FROM ordercast.change_log");
    database.exec("UPDATE ordercast.history SET floor_tx = pg_current_xact_id()");
  };
  REQUIRE_THROWS_WITH(pg::read_page(*connection, {start.seen, Position::InBatch{batch, 600}}, drop),
                      "retention");
}

TEST_CASE("what is unseen for long is looked for from the last watermark below it on") {
  TestDatabase database;
  const auto connection = reader(database);
  Running running(database);
  running.log_changes(1);
  log_changes(database, 3);
  const auto position = pg::read_head(*connection);
  REQUIRE(position.seen.xmin < position.seen.xmax);
  log_very_many_changes(database);
  // As no server would set it: what it hides is not looked for.
  const auto set_watermark = [&](TransactionId tx, std::int64_t seq) {
    database.exec("INSERT INTO ordercast.watermarks VALUES ('" + std::to_string(tx) + "', " +
                  std::to_string(seq) + ", '0')");
  };
  const auto first = [&] { return pg::read_page(*connection, position).changes.at(0).seq; };
  CHECK(first() == 5);
  set_watermark(position.seen.xmax + 1, 900);
  CHECK(first() == 5);
  set_watermark(position.seen.xmax, 500);
  CHECK(first() == 501);
  set_watermark(position.seen.xmin, 400);
  CHECK(first() == 501);
  // Who was running then began before it.
  running.work.commit();
  CHECK(first() == 1);
}

TEST_CASE("the rest of a small batch is found by transaction, of a large one by number") {
  TestDatabase database;
  const auto connection = reader(database);
  const auto start = pg::read_head(*connection);
  log_changes(database, 2);
  const auto small = pg::read_page(*connection, start);
  log_changes(database, 1'500);
  const auto both = pg::read_page(*connection, start);
  log_changes(database, 5);

  const auto rest = pg::read_page(*connection, {start.seen, Position::InBatch{small.now, 1}});
  CHECK(rest.complete);
  REQUIRE(rest.changes.size() == 1);
  CHECK(rest.changes[0].seq == 2);
  CHECK(executions_of(*connection, "ordercast_rest_of_small_batch") == 1);
  CHECK(executions_of(*connection, "ordercast_rest_of_batch") == 0);

  CHECK(pg::read_page(*connection, both.end()).changes.size() == 502);
  CHECK(executions_of(*connection, "ordercast_rest_of_batch") == 1);
}

TEST_CASE(
    "whether a batch is small is seen without looking at all of it, before there are statistics") {
  TestDatabase database;
  const auto connection = reader(database);
  const auto position = pg::read_head(*connection);
  log_many_changes(database);
  (void)read_batch(*connection, position);
  pqxx::nontransaction(*connection).exec("SET plan_cache_mode = force_custom_plan");
  const std::string size = "EXECUTE ordercast_size_of_batch('5', '{}', '1000000')";
  CHECK(count_in_plan(*connection, size, "Bitmap") == 0);
  CHECK(count_in_plan(*connection, size, "tx_idx") > 0);
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
  log_changes(database, 1'100);
  const Position in_large{position.seen, Position::InBatch{pg::read_head(*connection).seen, 1}};
  const Position in_small{position.seen, Position::InBatch{position.seen, 1}};
  // More often than PostgreSQL plans a prepared statement anew (plan_cache_mode auto: five times).
  for (int i = 0; i < 8; ++i) {
    (void)pg::read_page(*connection, in_large);
    (void)pg::read_page(*connection, in_small);
    position = pg::read_page(*connection, position).end();
  }
  const std::string scan = "Seq Scan on change_log";
  REQUIRE(count_in_plan(*connection, "EXECUTE ordercast_next_batch('1000000', '{}')", scan) == 0);
  REQUIRE(count_in_plan(*connection, "EXECUTE ordercast_rest_of_batch('5:5:', '9:9:', 1, 2)",
                        scan) == 0);
  const std::string rest_of_small =
      "EXECUTE ordercast_rest_of_small_batch('5', '{}', '9', '9:9:', 1)";
  REQUIRE(count_in_plan(*connection, rest_of_small, scan) == 0);
  REQUIRE(count_in_plan(*connection, rest_of_small, "tx_idx") > 0);
  // Nor where a plan is to be for any position (LogTail), in a log of large transactions.
  const auto tail = pg::connect(database.url());
  pqxx::nontransaction(*tail).exec("SET plan_cache_mode = force_generic_plan");
  pg::prepare_log_queries(*tail);
  log_many_changes(database);
  database.exec("VACUUM ANALYZE ordercast.change_log");
  (void)pg::read_page(*tail, in_small);
  CHECK(count_in_plan(*tail, rest_of_small, "seq_idx") == 0);
  CHECK(count_in_plan(*tail, rest_of_small, "tx_idx") > 0);
  for (const std::string size :
       {"ordercast_size_of_unseen('5', '{}')", "ordercast_size_of_batch('5', '{}', '9')"}) {
    REQUIRE(count_in_plan(*connection, "EXECUTE " + size, scan) == 0);
    REQUIRE(count_in_plan(*connection, "EXECUTE " + size, "tx_idx") > 0);
    // Not all that there is, to count so few. PostgreSQL analyses the log as it grows, too.
    log_changes(database, 20'000);
    database.exec("ANALYZE ordercast.change_log");
    REQUIRE(count_in_plan(*connection, "EXECUTE " + size,
                          "Bitmap Heap Scan on change_log_" +
                              database.scalar("SELECT slot FROM ordercast.change_log LIMIT 1")) ==
            0);
  }
}

}  // namespace
}  // namespace ordercast
