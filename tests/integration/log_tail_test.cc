#include "pg/log_tail.h"

#include <catch2/catch.hpp>
#include <string>

#include "core/history_reader.h"
#include "integration/log_rows.h"
#include "integration/random_transactions.h"
#include "pg/connection.h"
#include "pg/log_queries.h"
#include "support/test_database.h"

namespace ordercast {
namespace {

using pg::LogTail;
using testing::count_in_plan;
using testing::executions_of;
using testing::log_changes;
using testing::TestDatabase;

constexpr char kInsert[] =
    "INSERT INTO ordercast.change_log (stream, op, key, old_row, new_row, old_tenant, new_tenant) "
    "VALUES ('orders', 'u', '{\"id\":1}', '{\"id\":1,\"note\":null}', '{\"id\":1,\"note\":\"ü\"}', "
    "NULL, '7')";

std::string all_of(const Batch& batch) {
  std::string text = batch.now.text() + (batch.complete ? " complete" : "");
  for (const auto& c : batch.changes) {
    text += '\n' + std::to_string(c.seq) + ' ' + std::to_string(c.tx) + ' ' + c.stream +
            static_cast<char>(c.op) + c.key + c.old_row + c.new_row + c.at +
            (c.truncated ? " truncated " : " ") + c.old_tenant.value_or("none") +
            c.new_tenant.value_or("none");
  }
  return text;
}

// A log, who follows it, and who reads the same page by page.
struct Followed {
  TestDatabase database;
  std::unique_ptr<pqxx::connection> connection = pg::connect(database.url());
  LogTail tail{*connection};
  std::unique_ptr<pqxx::connection> other = pg::connect(database.url());
  Position position = pg::read_head(*connection);

  Followed() { pg::prepare_log_queries(*other); }

  // To the end, each time as a page would have it; how many there were.
  std::size_t read_to_the_end() {
    std::size_t changes = 0;
    for (bool complete = false; !complete;) {
      const auto page = pg::read_page(*other, position);
      const auto read = tail.read(position);
      REQUIRE(all_of(read) == all_of(page));
      REQUIRE(read.end() == page.end());
      changes += read.changes.size();
      position = read.end();
      complete = read.complete;
    }
    return changes;
  }
};

TEST_CASE("the end of the log is what a page has, whatever runs, commits and is rolled back") {
  Followed log;
  testing::RandomTransactions transactions(log.database, GENERATE(1U, 2U, 3U), 5);
  std::size_t expected = 0, found = 0;
  for (int step = 0; step < 120; ++step) {
    expected += transactions.step(kInsert);
    if (transactions.coin()) found += log.read_to_the_end();
  }
  found += log.read_to_the_end();
  REQUIRE(expected > 0);
  REQUIRE(found == expected);
  REQUIRE(executions_of(*log.connection, "ordercast_few_changes") > 20);
}

TEST_CASE("many changes, and wide ones, are read as pages") {
  Followed log;
  REQUIRE(log.read_to_the_end() == 0);
  for (const int count : {LogTail::kFewChanges, LogTail::kFewChanges + 1, 2500, 1}) {
    log_changes(log.database, count);
    REQUIRE(log.read_to_the_end() == static_cast<std::size_t>(count));
  }
  for (const int bytes : {LogTail::kWideRowBytes - 100, LogTail::kWideRowBytes, 3'000'000, 1}) {
    log_changes(log.database, 2, bytes);
    REQUIRE(log.read_to_the_end() == 2);
  }
}

TEST_CASE("a position that this connection has not read itself is looked at first") {
  Followed log;
  (void)log.tail.read(log.position);
  Position ahead = log.position;
  ahead.seen = {ahead.seen.xmax + 1000, ahead.seen.xmax + 1000, {}};
  REQUIRE_THROWS_WITH(log.tail.read(ahead), "epoch");
}

TEST_CASE("who follows the log more slowly than it is dropped has lost history") {
  Followed log;
  (void)log.tail.read(log.position);
  log.database.exec("UPDATE ordercast.history SET floor_tx = pg_current_xact_id()");
  REQUIRE_THROWS_WITH(log.tail.read(log.position), "retention");
}

TEST_CASE("who follows the log plans once, and looks by transaction, however large it grows") {
  Followed log;
  const auto plans_made = [&] {
    return pqxx::nontransaction(*log.connection)
        .exec1("SELECT sum(custom_plans) FROM pg_prepared_statements")[0]
        .as<int>();
  };
  (void)log.read_to_the_end();
  log_changes(log.database, 20'000);
  log.database.exec("ANALYZE ordercast.change_log");
  for (int i = 0; i < 8; ++i) {
    log_changes(log.database, 1);
    (void)log.read_to_the_end();
  }
  REQUIRE(plans_made() == 0);
  REQUIRE(executions_of(*log.connection, "ordercast_few_changes") >= 8);
  for (const std::string statement : {"ordercast_few_changes", "ordercast_next_batch"}) {
    const auto execute = "EXECUTE " + statement + "('1000000', '{}')";
    CHECK(count_in_plan(*log.connection, execute, "seq_idx") == 0);
    CHECK(count_in_plan(*log.connection, execute, "Seq Scan on change_log") == 0);
    CHECK(count_in_plan(*log.connection, execute, "tx_idx") > 0);
  }
}

}  // namespace
}  // namespace ordercast
