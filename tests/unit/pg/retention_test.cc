#include "pg/retention.h"

#include <catch2/catch.hpp>
#include <memory>

#include "pg/connection.h"
#include "support/test_database.h"

namespace ordercast::pg {
namespace {

using Catch::Contains;
using testing::TestDatabase;

TEST_CASE("What is kept is set, and read as people write it", "[retention]") {
  TestDatabase database;
  const auto connection = connect(database.url());
  const auto first = read_retention(*connection);
  CHECK(first.age == "6 days");
  CHECK(first.size == std::nullopt);
  CHECK(first.oldest == std::nullopt);
  set_retention(*connection, {.age = "2d", .size = "10GB"});
  database.exec(
      "INSERT INTO ordercast.change_log (stream, op, at) VALUES ('x', 't', '2026-11-23 18:00Z')");
  const auto then = read_retention(*connection);
  CHECK(then.age == "2 days");
  CHECK(then.size == "10 GB");
  CHECK_THAT(then.log_size, Contains("kB"));
  CHECK(then.oldest == "2026-11-23T18:00:00Z");
}

TEST_CASE("What PostgreSQL does not take is refused in its words", "[retention]") {
  TestDatabase database;
  const auto connection = connect(database.url());
  CHECK_THROWS_WITH(set_retention(*connection, {.age = "soon"}), Contains("soon"));
  CHECK_THROWS_WITH(set_retention(*connection, {.age = "1min"}), Contains("6 minutes or more"));
  CHECK_THROWS_WITH(set_retention(*connection, {.size = "10 lbs"}), Contains("10 lbs"));
  CHECK_THROWS_AS(set_retention(*connection, {.age = "soon"}), Refused);
}

TEST_CASE("A log in use is tried again, and its writer is not disturbed", "[retention]") {
  TestDatabase database;
  const auto connection = connect(database.url());
  const std::string write = "INSERT INTO ordercast.change_log (stream, op) VALUES ('x', 't')";
  const auto session = database.connect();
  auto writer = std::make_unique<pqxx::work>(*session);
  writer->exec(write);
  int attempts = 0;
  Persistence persistence;
  persistence.waiting = [&](int count) { attempts = count; };
  persistence.sleep = [&](Persistence::Millis) {
    if (attempts == 1) return writer->exec(write), void();
    writer->commit();
  };
  set_retention(*connection, {.age = "2d"}, persistence);
  CHECK(attempts == 2);
  CHECK(read_retention(*connection).age == "2 days");
  CHECK(database.scalar("SELECT count(*) FROM ordercast.change_log") == "2");
}

}  // namespace
}  // namespace ordercast::pg
