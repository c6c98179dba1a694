// ordercast.set_watermark(): what a position far behind may begin from (sql/0015_watermarks.sql).
#include <catch2/catch.hpp>
#include <string>
#include <thread>

#include "support/eventually.h"
#include "support/node.h"
#include "support/test_database.h"

namespace ordercast {
namespace {

using Catch::Contains;
using testing::TestDatabase;

void number_changes(TestDatabase& database, int count) {
  database.exec("SELECT setval('ordercast.change_seq', nextval('ordercast.change_seq') - 1 + " +
                std::to_string(count) + ")");
}

std::string watermarks(TestDatabase& database) {
  return database.scalar(
      "SELECT string_agg(seq::text, ',' ORDER BY seq) FROM ordercast.watermarks");
}

TEST_CASE("a watermark is set for every 100,000 changes, and goes when no position begins there") {
  TestDatabase database;
  const auto set = [&] { database.exec("SELECT ordercast.set_watermark()"); };
  number_changes(database, 99'999);
  set();
  CHECK(database.scalar("SELECT count(*) FROM ordercast.watermarks") == "0");
  number_changes(database, 1);
  set();
  set();
  CHECK(watermarks(database) == "100000");
  number_changes(database, 250'000);
  set();
  CHECK(watermarks(database) == "100000,350000");

  database.exec(
      "UPDATE ordercast.history SET floor_tx = (SELECT tx FROM ordercast.watermarks "
      "WHERE seq = 100000)");
  number_changes(database, 100'000);
  set();
  CHECK(watermarks(database) == "350000,450000");
}

TEST_CASE("where nothing was ever numbered, no watermark is set, and nobody complains") {
  TestDatabase database;
  CHECK_NOTHROW(database.exec("SELECT ordercast.set_watermark()"));
  CHECK(database.scalar("SELECT count(*) FROM ordercast.watermarks") == "0");
}

TEST_CASE("a watermark is no higher than what was numbered, while others are numbering") {
  TestDatabase database;
  number_changes(database, 200'000);
  const auto session = database.connect();
  pqxx::work work(*session);
  work.exec("SELECT ordercast.set_watermark()");
  // One in thousands would be: nextval() writes 32 more into the sequence's row for a moment, and
  // takes them back. The locks say who read that row as a table's, and who asked as nextval() does.
  const auto locks = work.exec(
      "SELECT mode FROM pg_locks WHERE pid = pg_backend_pid() "
      "AND relation = 'ordercast.change_seq'::regclass");
  REQUIRE(locks.size() == 1);
  CHECK(locks[0][0].as<std::string>() == "RowExclusiveLock");
}

TEST_CASE("a watermark is not set by who has a transaction id, so that none is too high") {
  TestDatabase database;
  number_changes(database, 200'000);
  const auto session = database.connect();
  pqxx::work work(*session);
  work.exec("SELECT pg_current_xact_id()");
  CHECK_THROWS_WITH(work.exec("SELECT ordercast.set_watermark()"), Contains("has an id already"));
  CHECK(database.scalar("SELECT count(*) FROM ordercast.watermarks") == "0");
}

TEST_CASE(
    "who has ended is looked at before what has been numbered, and that before there is an id") {
  TestDatabase database;
  number_changes(database, 200'000);
  const auto owner = database.connect();
  pqxx::work altering(*owner);
  altering.exec("ALTER SEQUENCE ordercast.change_seq CACHE 1");  // nobody can look at it meanwhile
  const auto session = database.connect();
  std::thread setting(
      [&] { pqxx::nontransaction(*session).exec("SELECT ordercast.set_watermark()"); });
  const auto waiting = [&](const std::string& more) {
    return database.scalar(
               "SELECT count(*) FROM pg_stat_activity WHERE wait_event_type = 'Lock' AND pid = " +
               std::to_string(session->backendpid()) + more) == "1";
  };
  CHECK(testing::eventually([&] { return waiting(""); }));
  CHECK(waiting(" AND backend_xid IS NULL"));
  // It runs, so that it may number more; it ends before the numbers are looked at.
  const auto running = altering.exec1("SELECT pg_current_xact_id()")[0].as<std::string>();
  altering.abort();
  setting.join();
  CHECK(watermarks(database) == "200000");
  CHECK(database.scalar("SELECT ended <= '" + running + "' FROM ordercast.watermarks") == "t");
}

TEST_CASE("a change is numbered when its transaction has an id") {
  TestDatabase database;
  // Which comes first is not to be seen from outside; the plan says in which order they are
  // computed.
  const auto plan = database.scalar(
      "EXPLAIN (VERBOSE, FORMAT json) INSERT INTO ordercast.change_log (stream, op) VALUES ('a', "
      "'t')");
  const auto id = plan.find("pg_current_xact_id()"), number = plan.find("nextval(");
  REQUIRE(id != std::string::npos);
  REQUIRE(number != std::string::npos);
  CHECK(id < number);
}

TEST_CASE("a dump that is restored brings no watermark along") {
  TestDatabase database;
  number_changes(database, 200'000);
  database.exec(
      "SELECT ordercast.set_watermark(); UPDATE ordercast.home SET system_identifier = 1");
  database.exec("SELECT ordercast.recognise()");
  CHECK(database.scalar("SELECT count(*) FROM ordercast.watermarks") == "0");
}

TEST_CASE("a server sets watermarks") {
  TestDatabase database;
  number_changes(database, 123'456);
  const testing::ServedNode node(database);
  CHECK(testing::eventually([&] {
    return database.scalar("SELECT count(*) FROM ordercast.watermarks WHERE seq = 123456") == "1";
  }));
}

}  // namespace
}  // namespace ordercast
