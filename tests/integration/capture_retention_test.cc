// ordercast.prune: the log stays bounded, writers never wait for it, and no position is served that
// has a gap.
#include <catch2/catch.hpp>
#include <string>

#include "integration/capture_log.h"
#include "support/eventually.h"

namespace ordercast {
namespace {

using testing::TestDatabase;

class Shop : public TestDatabase {
 public:
  Shop() { exec("CREATE TABLE orders (id int PRIMARY KEY); SELECT ordercast.watch('orders')"); }

  std::string leaf_of(const std::string& days_ago) {
    return "ordercast.change_log_" +
           scalar("SELECT (floor(date_part('epoch', now()) / 86400)::bigint - " + days_ago +
                  ") % 8");
  }
  // As if it had been logged that many days ago.
  void log_old(const std::string& days_ago) {
    exec(
        "INSERT INTO ordercast.change_log (stream, op, key, at, slot) SELECT 'orders', 'i', '{}', "
        "now() - " +
        days_ago + " * interval '1 day', (floor(date_part('epoch', now()) / 86400)::bigint - " +
        days_ago + ") % 8");
  }
  std::string prune() { return scalar("SELECT ordercast.prune()"); }
  // Any transaction of the server that began earlier holds prune up: autovacuum's, for a moment.
  bool prunes_leaves(int expected) {
    int emptied = 0;
    return testing::eventually([&] { return (emptied += std::stoi(prune())) >= expected; }) &&
           emptied == expected;
  }
  std::string log_rows() {
    return scalar("SELECT count(*) FROM ordercast.change_log WHERE op = 'i'");
  }
  std::string serves(const std::string& position) {
    return scalar("SELECT pg_snapshot_xmin('" + position + "') > floor_tx FROM ordercast.history");
  }
};

TEST_CASE("a change goes into the leaf of its day") {
  Shop shop;
  shop.exec("INSERT INTO orders VALUES (1)");
  CHECK(shop.scalar("SELECT count(*) FROM " + shop.leaf_of("0") + " WHERE op = 'i'") == "1");
}

TEST_CASE("prune empties what is older than is kept, and nothing else") {
  Shop shop;
  for (const std::string days : {"7", "6", "5", "0"}) shop.log_old(days);
  CHECK(shop.prunes_leaves(2));
  CHECK(shop.log_rows() == "2");
  CHECK(shop.scalar("SELECT count(*) FROM ordercast.change_log WHERE at < now() - interval '5 days "
                    "1 hour'") == "0");
  CHECK(shop.prune() == "0");
}

TEST_CASE("a position before what prune has emptied is not served, one after it is") {
  Shop shop;
  const auto before = shop.scalar("SELECT pg_current_snapshot()");
  CHECK(shop.serves(before) == "t");
  shop.log_old("7");
  const auto after = shop.scalar("SELECT pg_current_snapshot()");
  REQUIRE(shop.prunes_leaves(1));
  CHECK(shop.serves(before) == "f");
  CHECK(shop.serves(after) == "t");
}

TEST_CASE("a transaction that runs meanwhile makes no position unservable") {
  Shop shop;
  const auto session = shop.connect();
  pqxx::work old_transaction(*session);
  old_transaction.exec("SELECT pg_current_xact_id()");
  shop.log_old("7");
  CHECK(shop.prune() == "0");
  CHECK(shop.serves(shop.scalar("SELECT pg_current_snapshot()")) == "t");
  old_transaction.commit();
  CHECK(shop.prunes_leaves(1));
}

TEST_CASE("prune passes over a leaf that somebody uses, and does not wait") {
  Shop shop;
  shop.log_old("7");
  const auto session = shop.connect();
  {
    pqxx::work reading(*session);
    reading.exec("SELECT FROM " + shop.leaf_of("7"));
    CHECK(shop.prune() == "0");
  }
  CHECK(shop.prunes_leaves(1));
}

TEST_CASE("writers write while prune is at work") {
  Shop shop;
  shop.log_old("7");
  const auto session = shop.connect();
  pqxx::work pruning(*session);
  REQUIRE(testing::eventually(
      [&] { return pruning.exec1("SELECT ordercast.prune()")[0].as<int>() == 1; }));
  shop.exec("SET lock_timeout = '1s'; INSERT INTO orders VALUES (1)");
  pruning.commit();
  CHECK(shop.log_rows() == "1");
}

}  // namespace
}  // namespace ordercast
