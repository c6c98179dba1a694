// `ordercast prune`: at once what nodes do once a minute.
#include <catch2/catch.hpp>
#include <string>

#include "integration/log_rows.h"
#include "support/eventually.h"
#include "support/node.h"
#include "support/test_database.h"

namespace ordercast {
namespace {

using namespace testing;
using Catch::Contains;

TEST_CASE("What retention does not keep goes at once, and what it keeps stays") {
  TestDatabase database;
  log_old_change(database, "orders", 6);
  log_old_change(database, "orders", 0);
  // Any transaction that began earlier holds it up: autovacuum's, for a moment.
  REQUIRE(eventually([&] {
    const auto result = run_ordercast({"prune", "--database", database.url()});
    CHECK(result.code == 0);
    return result.out.starts_with("1 of the log's 8 leaves emptied\n");
  }));
  CHECK(database.scalar("SELECT count(*) FROM ordercast.change_log") == "1");
  CHECK_THAT(run_ordercast({"prune", "--database", database.url()}).out,
             Catch::StartsWith("0 of the log's 8 leaves emptied\nlog     "));
}

TEST_CASE("A log that stays over its size is told: 1; and so is that another is at it") {
  TestDatabase database;
  database.exec(
      "SELECT ordercast.set_retention(size => '1 MB');"
      "INSERT INTO ordercast.change_log (stream, op, new_row) SELECT 'orders', 'i', string_agg("
      "encode(sha256(i::text::bytea), 'hex'), '') FROM generate_series(1, 50000) AS i");
  const auto result = run_ordercast({"prune", "--database", database.url()});
  CHECK(result.code == 1);
  CHECK_THAT(result.err, Contains("MiB over its size limit"));

  const auto session = database.connect();
  pqxx::work busy(*session);
  busy.exec("SELECT pg_advisory_xact_lock(7316090842917155264)");  // ordercast.prune()'s
  const auto other = run_ordercast({"prune", "--database", database.url()});
  CHECK(other.code == 0);
  CHECK_THAT(other.out, Contains("another session is at it"));
}

}  // namespace
}  // namespace ordercast
