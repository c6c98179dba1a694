#include "pg/schema.h"

#include <fmt/format.h>

#include <catch2/catch.hpp>
#include <future>

#include "pg/connection.h"
#include "support/eventually.h"
#include "support/test_database.h"

namespace ordercast::pg {
namespace {

using Catch::Matchers::Contains;
using testing::TestDatabase;

const MigrationFiles kTwo = {
    {"0001_first.sql",
     "CREATE TABLE ordercast.first (a int); INSERT INTO ordercast.first VALUES (1)"},
    {"0002_second.sql", "CREATE TABLE ordercast.second (b int)"},
    {"demo_shop.sql", "CREATE TABLE no_migration ()"}};

// A database as `ordercast migrate` first meets it.
class BareDatabase {
 public:
  BareDatabase() {
    database_.exec("DROP SCHEMA IF EXISTS ordercast CASCADE");
    connection_ = connect(database_.url());
  }
  TestDatabase& database() { return database_; }
  pqxx::connection& connection() { return *connection_; }

 private:
  TestDatabase database_;
  std::unique_ptr<pqxx::connection> connection_;
};

std::string names(const std::vector<Migration>& migrations) {
  std::string text;
  for (const auto& each : migrations) text += std::to_string(each.version) + each.name + " ";
  return text;
}

TEST_CASE("Numbered files are applied in order, once, and reported") {
  BareDatabase bare;
  CHECK(names(pending(bare.connection(), kTwo)) == "1first 2second ");
  CHECK(bare.database().scalar("SELECT to_regnamespace('ordercast')").empty());

  std::string told;
  const auto applied = migrate(
      bare.connection(), [&](const Migration& migration) { told += migration.name + " "; }, kTwo);
  CHECK(names(applied) == "1first 2second ");
  CHECK(told == "first second ");
  CHECK(bare.database().scalar("SELECT string_agg(version || name, ' ' ORDER BY applied_at) FROM "
                               "ordercast.schema_version") == "1first 2second");
  CHECK(bare.database().scalar("SELECT to_regclass('public.no_migration')").empty());

  CHECK(migrate(bare.connection(), {}, kTwo).empty());
  CHECK(pending(bare.connection(), kTwo).empty());
  CHECK(bare.database().scalar("SELECT count(*) FROM ordercast.first") == "1");
}

TEST_CASE(
    "A file that fails leaves nothing of itself behind, and the next run goes on from there") {
  BareDatabase bare;
  auto files = kTwo;
  files[1].bytes = "CREATE TABLE ordercast.second (b int); SELECT 1/0";
  CHECK_THROWS_WITH(migrate(bare.connection(), {}, files),
                    Contains("migration 2 (second)") && Contains("division by zero"));
  CHECK(bare.database().scalar("SELECT max(version) FROM ordercast.schema_version") == "1");
  CHECK(bare.database().scalar("SELECT to_regclass('ordercast.second')").empty());
  CHECK(names(migrate(bare.connection(), {}, kTwo)) == "2second ");
}

TEST_CASE("A failed migration gives its lock back") {
  BareDatabase bare;
  CHECK_THROWS_AS(migrate(bare.connection(), {}, {{"0001_bad.sql", "nonsense"}}), MigrationError);
  CHECK(bare.database().scalar(
            "SELECT count(*) FROM pg_locks WHERE locktype = 'advisory' AND database ="
            " (SELECT oid FROM pg_database WHERE datname = current_database())") == "0");
}

TEST_CASE("A migration that a deadlock ended is tried again, and says so when that is of no use") {
  BareDatabase bare;
  bare.database().exec("CREATE SEQUENCE public.attempts");
  const auto ended_until = [](int attempt) {
    return fmt::format(
        "CREATE TABLE ordercast.first (a int);"
        "DO $$ BEGIN IF nextval('public.attempts') < {} THEN"
        "  RAISE deadlock_detected USING MESSAGE = 'deadlock detected'; END IF; END $$",
        attempt);
  };
  CHECK_THROWS_WITH(migrate(bare.connection(), {}, {{"0001_first.sql", ended_until(1000)}}),
                    Contains("migration 1 (first) failed and changed nothing: ") &&
                        Contains("deadlock detected"));
  bare.database().exec("ALTER SEQUENCE public.attempts RESTART");
  CHECK(names(migrate(bare.connection(), {}, {{"0001_first.sql", ended_until(3)}})) == "1first ");
}

TEST_CASE("Of two migrations at once one waits, then finds nothing to do") {
  BareDatabase bare;
  const auto second_session = connect(bare.database().url());
  std::future<std::vector<Migration>> second;
  const auto waits_for_lock = [&] {
    return bare.database().scalar(
               "SELECT count(*) FROM pg_locks WHERE locktype = 'advisory' AND NOT granted AND "
               "database ="
               " (SELECT oid FROM pg_database WHERE datname = current_database())") == "1";
  };
  const auto first = migrate(
      bare.connection(),
      [&](const Migration& migration) {
        if (migration.version != 1) return;
        second = std::async(std::launch::async, [&] { return migrate(*second_session, {}, kTwo); });
        CHECK(testing::eventually(waits_for_lock));
      },
      kTwo);
  CHECK(first.size() == 2);
  CHECK(second.get().empty());
}

TEST_CASE("A database that a newer binary migrated is refused") {
  BareDatabase bare;
  migrate(bare.connection(), {}, kTwo);
  const MigrationFiles older(kTwo.begin(), kTwo.begin() + 1);
  CHECK_THROWS_WITH(migrate(bare.connection(), {}, older),
                    Contains("schema version 2") && Contains("up to 1"));
  CHECK_THROWS_AS(pending(bare.connection(), older), MigrationError);
}

TEST_CASE("A schema that is newer but readable suits older binaries, which leave it alone") {
  BareDatabase bare;
  auto files = kTwo;
  files[1].bytes = "-- More.\n-- Readable since 1\nCREATE TABLE ordercast.second (b int)";
  migrate(bare.connection(), {}, files);
  const auto there = read_schema_version(bare.connection());
  CHECK(there.version == 2);
  CHECK(there.readable_since == 1);
  CHECK(there.suits(2));
  CHECK(there.suits(1));
  CHECK_FALSE(there.suits(0));
  CHECK_FALSE(there.suits(3));
  const MigrationFiles older(files.begin(), files.begin() + 1);
  CHECK(migrate(bare.connection(), {}, older).empty());
  CHECK(pending(bare.connection(), older).empty());

  // One file that older binaries cannot read is enough, whatever those after it say.
  files.push_back({"0003_third.sql", "CREATE TABLE ordercast.third (c int)"});
  files.push_back({"0004_fourth.sql", "-- Readable since 1\nSELECT 1"});
  migrate(bare.connection(), {}, files);
  CHECK(read_schema_version(bare.connection()).readable_since == 3);
  CHECK_THROWS_AS(pending(bare.connection(), older), MigrationError);
}

TEST_CASE("A schema of before there was such a mark is read, and marked by the next migration") {
  BareDatabase bare;
  migrate(bare.connection(), {}, {kTwo[0]});
  bare.database().exec("ALTER TABLE ordercast.schema_version DROP readable_since");
  CHECK(read_schema_version(bare.connection()).readable_since == 1);
  auto files = kTwo;
  files[1].bytes = "-- Readable since 1\nSELECT 1";
  CHECK(names(migrate(bare.connection(), {}, files)) == "2second ");
  CHECK(read_schema_version(bare.connection()).readable_since == 1);
}

TEST_CASE("A mark that cannot be true is an error of the build") {
  BareDatabase bare;
  for (const auto* mark : {"-- Readable since 2", "-- Readable since the beginning"}) {
    CHECK_THROWS_WITH(migrate(bare.connection(), {}, {{"0001_a.sql", mark}}),
                      Contains("does not say since when"));
  }
}

TEST_CASE("Two files with one number are an error of the build") {
  BareDatabase bare;
  CHECK_THROWS_WITH(migrate(bare.connection(), {}, {{"0001_a.sql", ""}, {"0001_b.sql", ""}}),
                    Contains("two migrations have the number 1"));
}

TEST_CASE("Without any file the version table is all there is") {
  BareDatabase bare;
  CHECK(migrate(bare.connection(), {}, {}).empty());
  CHECK(bare.database().scalar("SELECT count(*) FROM ordercast.schema_version") == "0");
}

TEST_CASE("The embedded migrations apply to an empty database, and again change nothing") {
  BareDatabase bare;
  const auto applied = migrate(bare.connection());
  CHECK_FALSE(applied.empty());
  CHECK(migrate(bare.connection()).empty());
}

}  // namespace
}  // namespace ordercast::pg
