// ordercast.prune and set_retention: the log stays bounded, writers never wait for it, and no
// position is served that has a gap.
#include <fmt/format.h>

#include <catch2/catch.hpp>
#include <future>
#include <string>

#include "integration/capture_log.h"
#include "support/eventually.h"

namespace ordercast {
namespace {

using Catch::Contains;
using testing::TestDatabase;

class Shop : public TestDatabase {
 public:
  // With an empty log.
  Shop() {
    exec("CREATE TABLE orders (id int PRIMARY KEY); SELECT ordercast.watch('orders')");
    exec("TRUNCATE ordercast.change_log");
  }

  // Of slots that are a day long.
  std::string leaf_of(const std::string& days_ago) {
    return "ordercast.change_log_" + scalar("SELECT " + slot_of(days_ago));
  }
  // As if it had been logged that many days ago; with so much in the row that TOAST cannot make
  // smaller.
  void log_old(const std::string& days_ago, int kilobytes = 0) {
    exec(fmt::format(
        "INSERT INTO ordercast.change_log (stream, op, key, at, slot, new_row) SELECT 'orders',"
        " 'i', '{{}}', now() - {} * interval '24 hours', {}, (SELECT string_agg(encode("
        "  sha256(i::text::bytea), 'hex'), '') FROM generate_series(1, 16 * {}) AS i)",
        days_ago, slot_of(days_ago), kilobytes));
  }
  std::string prune() { return scalar("SELECT emptied FROM ordercast.prune()"); }
  // Any transaction of the server that began earlier holds prune up: autovacuum's, for a moment.
  bool prunes_leaves(int expected) {
    int emptied = 0;
    return testing::eventually([&] { return (emptied += std::stoi(prune())) >= expected; }) &&
           emptied == expected;
  }
  std::string log_rows() {
    return scalar("SELECT count(*) FROM ordercast.change_log WHERE op = 'i'");
  }
  std::string days_kept() {
    return scalar(
        "SELECT string_agg(DISTINCT round(date_part('epoch', now() - at) / 86400)::text, ' ')"
        " FROM ordercast.change_log WHERE op = 'i'");
  }
  std::string bytes_over() { return scalar("SELECT bytes_over FROM ordercast.prune()"); }
  std::string serves(const std::string& position) {
    return scalar("SELECT pg_snapshot_xmin('" + position + "') > floor_tx FROM ordercast.history");
  }
  std::string error_of(const std::string& sql) {
    try {
      exec(sql);
    } catch (const pqxx::sql_error& error) {
      return error.what();
    }
    return "";
  }

 private:
  static std::string slot_of(const std::string& days_ago) {
    return "(floor(date_part('epoch', now()) / 86400)::bigint - floor(" + days_ago +
           ")::bigint) % 8";
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
  const auto pruner = shop.connect();
  {
    pqxx::work pruning(*pruner);
    CHECK(pruning.exec1("SELECT emptied FROM ordercast.prune()")[0].as<int>() == 0);
    // The leaf that it looked into in vain is not locked.
    shop.exec("SET lock_timeout = '1s'; SELECT FROM ordercast.change_log");
  }
  CHECK(shop.serves(shop.scalar("SELECT pg_current_snapshot()")) == "t");
  old_transaction.commit();
  CHECK(shop.prunes_leaves(1));
}

TEST_CASE("prune passes over a leaf that somebody uses, and does not wait") {
  Shop shop;
  shop.log_old("7");
  shop.log_old("6");
  const auto session = shop.connect();
  {
    pqxx::work reading(*session);
    reading.exec("SELECT FROM " + shop.leaf_of("7"));
    CHECK(shop.prunes_leaves(1));
    CHECK(shop.days_kept() == "7");
  }
  CHECK(shop.prunes_leaves(1));
}

TEST_CASE("a leaf that may be written now is not emptied, however old its changes are") {
  Shop shop;
  shop.log_old("8");
  CHECK(shop.prune() == "0");
  // Nor is it locked.
  const auto session = shop.connect();
  pqxx::work pruning(*session);
  pruning.exec("SELECT ordercast.prune()");
  shop.exec("SET lock_timeout = '1s'; INSERT INTO orders VALUES (1)");
  CHECK(shop.log_rows() == "2");
}

TEST_CASE("what is written while a lock is waited for is kept") {
  Shop shop;
  shop.log_old("7");
  const auto leaf = shop.leaf_of("7");
  const auto writer = shop.connect();
  pqxx::work writing(*writer);
  writing.exec("INSERT INTO " + leaf + " (stream, op, slot) SELECT stream, 'i', slot FROM " + leaf);
  auto emptied = std::async(std::launch::async, [&] {
    const auto pruner = shop.connect();
    pqxx::work pruning(*pruner);
    const auto result = pruning.exec1("SELECT ordercast.empty_leaf('" + leaf + "', " +
                                      leaf.substr(leaf.size() - 1) + ", '6 days')");
    return result[0].as<bool>();
  });
  const bool waits = testing::eventually(
      [&] { return shop.scalar("SELECT count(*) FROM pg_locks WHERE NOT granted") == "1"; });
  writing.commit();
  CHECK_FALSE(emptied.get());
  CHECK(waits);
  CHECK(shop.log_rows() == "2");
}

TEST_CASE("writers write while prune is at work") {
  Shop shop;
  shop.log_old("7");
  const auto session = shop.connect();
  pqxx::work pruning(*session);
  REQUIRE(testing::eventually(
      [&] { return pruning.exec1("SELECT emptied FROM ordercast.prune()")[0].as<int>() == 1; }));
  shop.exec("SET lock_timeout = '1s'; INSERT INTO orders VALUES (1)");
  pruning.commit();
  CHECK(shop.log_rows() == "1");
}

TEST_CASE("of several servers one prunes, and the others do not wait for it") {
  Shop shop;
  shop.log_old("7");
  const auto session = shop.connect();
  pqxx::work pruning(*session);
  REQUIRE(testing::eventually(
      [&] { return pruning.exec1("SELECT emptied FROM ordercast.prune()")[0].as<int>() == 1; }));
  shop.exec("SET lock_timeout = '1s'");
  CHECK(shop.prune() == "0");
  CHECK(shop.bytes_over().empty());
  pruning.abort();
  shop.exec("RESET lock_timeout");
  CHECK(shop.prunes_leaves(1));
}

TEST_CASE("over its size the log loses its oldest leaves, and no more than it must") {
  Shop shop;
  shop.exec("SELECT ordercast.set_retention(size => '5 MB')");
  for (const std::string days : {"3", "2", "1", "0"}) shop.log_old(days, 2048);
  const auto before = shop.scalar("SELECT pg_current_snapshot()");
  CHECK(shop.prunes_leaves(2));
  CHECK(shop.days_kept() == "0 1");
  CHECK(shop.serves(before) == "t");
  CHECK(shop.bytes_over() == "0");

  shop.exec("SELECT ordercast.set_retention(size => 'unlimited')");
  for (int i = 0; i < 3; ++i) shop.log_old("1", 2048);
  CHECK(shop.prune() == "0");
  CHECK(shop.bytes_over() == "0");
}

TEST_CASE("what is being written, or was a moment ago, is kept whatever its size, and told") {
  Shop shop;
  shop.exec("SELECT ordercast.set_retention(size => '1 MB')");
  shop.log_old("0.01", 2048);  // a leaf of its own would be; this one is today's
  CHECK(shop.prune() == "0");
  CHECK(std::stoll(shop.bytes_over()) > 1'000'000);

  shop.exec("TRUNCATE ordercast.change_log");
  shop.log_old("1", 2048);
  shop.exec("UPDATE ordercast.change_log SET at = now()");  // servers may not have read it yet
  CHECK(shop.prune() == "0");
  CHECK(std::stoll(shop.bytes_over()) > 1'000'000);
}

TEST_CASE("over its size a leaf in use holds up the younger ones: a gap would hide the older") {
  Shop shop;
  shop.exec("SELECT ordercast.set_retention(size => '1 MB')");
  for (const std::string days : {"2", "1"}) shop.log_old(days, 2048);
  const auto session = shop.connect();
  {
    pqxx::work reading(*session);
    reading.exec("SELECT FROM " + shop.leaf_of("2"));
    CHECK(shop.prune() == "0");
    CHECK(std::stoll(shop.bytes_over()) > 3'000'000);
  }
  CHECK(shop.prunes_leaves(2));
  CHECK(shop.bytes_over() == "0");
}

TEST_CASE("a shorter age makes the slots shorter, at once and in open sessions too") {
  Shop shop;
  const auto session = shop.connect();
  const auto writes_to_slot_of = [&](const std::string& seconds) {
    pqxx::nontransaction writer(*session);
    writer.exec("TRUNCATE ordercast.change_log; INSERT INTO orders SELECT max(id) + 1 FROM orders");
    // Twice the same: no new slot began in between.
    const auto slot = "SELECT floor(date_part('epoch', now()) / " + seconds + ")::bigint % 8";
    return testing::eventually([&] {
      const auto expected = shop.scalar(slot);
      writer.exec(
          "TRUNCATE ordercast.change_log; INSERT INTO orders SELECT max(id) + 1 FROM orders");
      const auto found = shop.scalar("SELECT slot FROM ordercast.change_log");
      return expected != shop.scalar(slot) || found == expected;
    });
  };
  shop.exec("INSERT INTO orders VALUES (1)");
  CHECK(writes_to_slot_of("86400"));
  shop.exec("SELECT ordercast.set_retention(age => '12 hours')");
  CHECK(writes_to_slot_of("7200"));
  shop.exec("SELECT ordercast.set_retention(age => '30 days')");
  CHECK(writes_to_slot_of("432000"));
}

TEST_CASE("a leaf with changes of a former turn is kept until the last of all is too old") {
  Shop shop;
  const auto slot_of_an_hour_ago = [](int hours) {
    return fmt::format(
        "INSERT INTO ordercast.change_log (stream, op, at, slot) SELECT 'orders', 'i', now() - {0} "
        "*"
        " interval '1 hour', (floor(date_part('epoch', now()) / 3600)::bigint - {1}) % 8",
        hours, hours % 8);
  };
  shop.exec("SELECT ordercast.set_retention(age => '6 hours')");
  // In one transaction, so that no hour ends in between. The third is not in the next hour's slot,
  // which would not be emptied in the last second before it.
  shop.exec(slot_of_an_hour_ago(34) + "; " +  // the slot of ten hours ago, and of two
            slot_of_an_hour_ago(2) + "; " + slot_of_an_hour_ago(6));
  CHECK(shop.prunes_leaves(1));
  CHECK(shop.log_rows() == "2");
  shop.exec("UPDATE ordercast.change_log SET at = now() - interval '6 hours 1 second'");
  CHECK(shop.prunes_leaves(1));
  CHECK(shop.log_rows() == "0");
}

TEST_CASE("what is not set stays, and what cannot be is refused") {
  Shop shop;
  const auto settings = [&] {
    return shop.scalar(
        "SELECT keep_age || ' ' || coalesce(pg_size_pretty(keep_bytes), 'unlimited')"
        " FROM ordercast.retention()");
  };
  CHECK(settings() == "6 days unlimited");
  shop.exec("SELECT ordercast.set_retention(size => '10 GB')");
  CHECK(settings() == "6 days 10 GB");
  shop.exec("SELECT ordercast.set_retention(age => '36 hours')");
  CHECK(settings() == "1 day 12:00:00 10 GB");
  shop.exec("SELECT ordercast.set_retention(size => 'unlimited')");
  CHECK(settings() == "1 day 12:00:00 unlimited");
  CHECK_THAT(shop.error_of("SELECT ordercast.set_retention(age => '5 minutes')"),
             Contains("6 minutes or more"));
  CHECK_THAT(shop.error_of("SELECT ordercast.set_retention(age => '-1 day')"),
             Contains("6 minutes or more"));
  CHECK_THAT(shop.error_of("SELECT ordercast.set_retention(size => '-1 GB')"),
             Contains("1 MB or more"));
  CHECK_THAT(shop.error_of("SELECT ordercast.set_retention(size => 'much')"), Contains("much"));
  CHECK(settings() == "1 day 12:00:00 unlimited");
}

TEST_CASE("the earliest change that a client can have is told, and the size of all") {
  Shop shop;
  CHECK(shop.scalar("SELECT oldest_at FROM ordercast.retention()").empty());
  shop.log_old("7");
  shop.log_old("2", 2048);
  CHECK(shop.scalar("SELECT now() - oldest_at > interval '6 days' FROM ordercast.retention()") ==
        "t");
  REQUIRE(shop.prunes_leaves(1));
  CHECK(shop.scalar("SELECT now() - oldest_at < interval '3 days' AND bytes > 2000000"
                    " FROM ordercast.retention()") == "t");
}

}  // namespace
}  // namespace ordercast
