// What ordercast.revocations says reaches a node once for each change, and the table stays short.
#include "pg/revocation_watch.h"

#include <catch2/catch.hpp>
#include <memory>
#include <string>

#include "support/eventually.h"
#include "support/test_database.h"

namespace ordercast {
namespace {

using namespace std::chrono_literals;
using testing::TestDatabase;

// A node's view of it, on a connection that hears no notification: nobody asks libpq for them.
class Watched {
 public:
  explicit Watched(const TestDatabase& database)
      : connection_(database.connect()), watch_(*connection_, kInterval) {}

  // After the time of an interval.
  RevocationsPtr look() { return watch_.look(now_ += kInterval); }
  RevocationsPtr look_before_time() { return watch_.look(now_ + kInterval - 1ms); }
  // Whether something has come.
  bool hear() { return connection_->get_notifs() > 0; }

 private:
  static constexpr auto kInterval = 3s;
  std::unique_ptr<pqxx::connection> connection_;
  pg::RevocationWatch watch_;
  pg::RevocationWatch::Time now_{};
};

Grant of_token(std::string id) {
  return {.token_id = std::move(id)};
}

TEST_CASE("The list is read once, and again whenever it has changed") {
  TestDatabase database;
  Watched node(database);
  const auto none = node.look();
  REQUIRE(none);
  CHECK_FALSE(none->cover(of_token("a")));
  CHECK_FALSE(node.look());

  database.exec("SELECT ordercast.revoke(jti => 'a')");
  const auto one = node.look();
  REQUIRE(one);
  CHECK(one->cover(of_token("a")));
  CHECK_FALSE(node.look());

  database.exec("UPDATE ordercast.revocations SET jti = 'b'");
  const auto other = node.look();
  REQUIRE(other);
  CHECK(other->cover(of_token("b")));
  CHECK_FALSE(other->cover(of_token("a")));

  for (const auto* gone : {"DELETE FROM ordercast.revocations", "TRUNCATE ordercast.revocations"}) {
    INFO(gone);
    database.exec("INSERT INTO ordercast.revocations (jti) VALUES ('c')");
    CHECK(node.look());
    database.exec(gone);
    const auto after = node.look();
    REQUIRE(after);
    CHECK_FALSE(after->cover(of_token("c")));
    CHECK_FALSE(node.look());
  }
}

TEST_CASE("It is asked for no sooner than it is time, but at once when a notification has come") {
  TestDatabase database;
  Watched node(database);
  REQUIRE(node.look());
  database.exec("SELECT ordercast.revoke(jti => 'a')");
  CHECK_FALSE(node.look_before_time());
  CHECK(testing::eventually([&] { return node.hear(); }));
  CHECK(node.look_before_time());
}

TEST_CASE("What is not committed yet is not taken for read") {
  TestDatabase database;
  Watched node(database);
  REQUIRE(node.look());
  const auto slow = database.connect();
  {
    pqxx::work revoking(*slow);
    revoking.exec("SELECT ordercast.revoke(jti => 'a')");
    CHECK_FALSE(node.look());
    revoking.commit();
  }
  const auto now = node.look();
  REQUIRE(now);
  CHECK(now->cover(of_token("a")));
}

TEST_CASE("A list whose number somebody has taken away is read each time") {
  TestDatabase database;
  Watched node(database);
  database.exec("DELETE FROM ordercast.revocation_changes; SELECT ordercast.revoke(jti => 'a')");
  for (int i = 0; i < 2; ++i) {
    const auto all = node.look();
    REQUIRE(all);
    CHECK(all->cover(of_token("a")));
  }
}

TEST_CASE("Rows go whose tokens have ended, or are all among a later row's") {
  TestDatabase database;
  const auto revoke = [&](const std::string& what) {
    database.exec("SELECT ordercast.revoke(" + what + ")");
  };
  const auto left = [&] {
    return database.scalar(
        "SELECT string_agg(concat_ws('/', jti, tenant, issued_before::date::text), ' ' ORDER BY id)"
        "  FROM ordercast.revocations");
  };
  for (int i = 0; i < 3; ++i) {
    revoke("jti => 'a'");
    revoke("tenant => '7', issued_before => '2026-01-0" + std::to_string(i + 1) + "'");
  }
  CHECK(left() == "a 7/2026-01-03");
  // Neither of other tokens, nor of more, nor for longer.
  revoke("jti => 'b'");
  revoke("jti => 'a', tenant => '7'");
  revoke("tenant => '8', issued_before => '2026-01-01'");
  revoke("tenant => '7', issued_before => '2026-01-02'");
  revoke("tenant => '7', issued_before => '2026-01-04', expires_at => now() + interval '1 hour'");
  CHECK(left() == "a 7/2026-01-03 b a/7 8/2026-01-01 7/2026-01-02 7/2026-01-04");
  // Of all: what was revoked by its id may have been issued later.
  revoke("issued_before => '2026-01-05'");
  CHECK(left() == "a b a/7 2026-01-05");

  database.exec(
      "INSERT INTO ordercast.revocations (jti, expires_at) VALUES ('old', now() - interval '2 "
      "hours')");
  revoke("jti => 'c'");
  CHECK(left() == "a b a/7 2026-01-05 c");
}

}  // namespace
}  // namespace ordercast
