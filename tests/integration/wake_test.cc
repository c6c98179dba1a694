// Who is woken by whom: what writers do while a node is armed and while none is, and when a node
// arms (docs/decisions/0004-wake-up.md).
#include <fmt/format.h>

#include <atomic>
#include <catch2/catch.hpp>
#include <memory>
#include <string>
#include <vector>

#include "pg/listener.h"
#include "pg/wake_queries.h"
#include "pg/watchdog.h"
#include "support/eventually.h"
#include "support/orders_table.h"

namespace ordercast {
namespace {

using namespace testing;
using pg::Guard;
using pg::WakeMode;

using Payloads = std::vector<std::string>;

class WakeUps : public pqxx::notification_receiver {
 public:
  explicit WakeUps(pqxx::connection& connection)
      : notification_receiver(connection, pg::kWakeChannel) {}
  void operator()(const std::string& payload, int) override { payloads_.push_back(payload); }

  // What came since the last call. Notifications come in the order of commits: with the one that
  // this sends, all have come.
  Payloads take() {
    pqxx::nontransaction(conn()).exec("NOTIFY ordercast, 'the end'");
    while (payloads_.empty() || payloads_.back() != "the end") {
      REQUIRE(conn().await_notification(static_cast<long>(kPatience.count()), 0) > 0);
    }
    payloads_.pop_back();
    return std::exchange(payloads_, {});
  }

 private:
  Payloads payloads_;
};

TEST_CASE("While a node is armed, a transaction that logs notifies once, without a payload") {
  OrdersTable orders;
  const auto node = orders.session();
  WakeUps wake_ups(*node);
  REQUIRE(pg::arm(*node) == Guard::kOwn);
  orders.exec(
      "BEGIN; INSERT INTO orders (id) VALUES (1); UPDATE orders SET status = 'b'; DELETE FROM "
      "orders; COMMIT");
  CHECK(wake_ups.take() == Payloads{""});
  orders.exec("UPDATE orders SET status = 'c'");
  CHECK(wake_ups.take().empty());
  orders.exec("BEGIN; INSERT INTO orders (id) VALUES (2); ROLLBACK");
  CHECK(wake_ups.take().empty());
  orders.exec("TRUNCATE orders");
  CHECK(wake_ups.take() == Payloads{""});
  orders.exec("SELECT ordercast.unwatch('orders')");
  CHECK(wake_ups.take() == Payloads{""});
}

TEST_CASE("While no node is armed, nobody notifies, and a node cannot arm before they have ended") {
  OrdersTable orders;
  const auto node = orders.session();
  const auto other = orders.session();
  WakeUps wake_ups(*node);
  orders.exec("BEGIN; INSERT INTO orders (id) VALUES (1)");
  CHECK(pg::arm(*node) == Guard::kNone);
  CHECK(pg::arm(*other) == Guard::kNone);
  orders.exec("COMMIT");
  CHECK(wake_ups.take().empty());
  CHECK(pg::arm(*node) == Guard::kOwn);
  CHECK(pg::arm(*other) == Guard::kOther);
}

TEST_CASE("A write that is rolled back, to a savepoint or with its session, is in nobody's way") {
  OrdersTable orders;
  const auto node = orders.session();
  auto writer = orders.session();
  pqxx::nontransaction(*writer).exec(
      "BEGIN; SAVEPOINT s; INSERT INTO orders (id) VALUES (1); ROLLBACK TO s");
  CHECK(pg::arm(*node) == Guard::kOwn);
  pg::disarm(*node);
  pqxx::nontransaction(*writer).exec("INSERT INTO orders (id) VALUES (1)");
  CHECK(pg::arm(*node) == Guard::kNone);
  orders.exec("SELECT pg_terminate_backend(" + std::to_string(writer->backendpid()) + ", 10000)");
  CHECK(pg::arm(*node) == Guard::kOwn);
}

TEST_CASE("A node that disarms tells the others, after it has given the lock back") {
  OrdersTable orders;
  const auto node = orders.session();
  const auto other = orders.session();
  WakeUps wake_ups(*other);
  REQUIRE(pg::arm(*node) == Guard::kOwn);
  // Until the end of this transaction the notification waits.
  pqxx::nontransaction(*node).exec("BEGIN; SELECT ordercast.disarm()");
  CHECK(wake_ups.take().empty());
  CHECK(pg::arm(*other) == Guard::kOwn);
  pqxx::nontransaction(*node).exec("COMMIT");
  CHECK(wake_ups.take() == Payloads{std::string(pg::kDisarmed)});
}

struct Counter : ChangeSink {
  void start(const Epoch&, const Position&, std::string_view) override {}
  void publish(BatchPtr page) override { changes += static_cast<int>(page->changes.size()); }
  void set_catalog(CatalogPtr) override {}
  void set_database_up(bool) override {}
  std::atomic<int> changes = 0;
};

// A listener whose slow poll is an hour away.
class SleepyNode {
 public:
  SleepyNode(OrdersTable& orders, WakeMode mode,
             std::chrono::milliseconds slow_poll = std::chrono::hours(1))
      : listener_({.conninfo = orders.database().url(), .wake = mode, .poll_interval = slow_poll},
                  heard_, watchdog_) {
    listener_.start();
    listener_.wait_first_attempt(kPatience);
  }
  [[nodiscard]] bool hears(int changes) {
    return eventually([&] { return heard_.changes >= changes; });
  }
  void stop() { listener_.stop(); }

 private:
  Counter heard_;
  pg::Watchdog watchdog_;
  pg::Listener listener_;
};

// Sessions that make writers notify.
int armed(OrdersTable& orders) {
  return std::stoi(orders.database().scalar(
      "SELECT count(*) FROM pg_locks WHERE locktype = 'advisory' AND mode = 'ExclusiveLock'"
      " AND (classid::bigint << 32 | objid::bigint) = ordercast.wake_key() AND database = (SELECT "
      "oid FROM pg_database WHERE datname = current_database())"));
}

// Nodes that sleep: one that is awake asks PostgreSQL something every 25 ms at least.
int asleep(OrdersTable& orders) {
  return std::stoi(orders.database().scalar(
      "SELECT count(*) FROM pg_stat_activity WHERE datname = current_database() AND state = 'idle'"
      " AND application_name = 'ordercast'"
      " AND state_change < clock_timestamp() - interval '500 ms'"));
}

TEST_CASE("A node arms when nothing happens, lets writers off when much does, and arms again") {
  OrdersTable orders;
  SleepyNode node(orders, WakeMode::kArmed);
  CHECK(eventually([&] { return armed(orders) == 1; }));
  orders.exec("INSERT INTO orders (id) VALUES (1)");
  CHECK(node.hears(1));
  CHECK(armed(orders) == 1);  // one change is not much
  int inserted = 1;
  CHECK(eventually([&] {
    // By the server itself: from here, on a slow machine, they would not come fast enough.
    constexpr int kMany = 100;
    orders.exec(
        fmt::format("DO $$BEGIN FOR i IN {} .. {} LOOP"
                    "  INSERT INTO public.orders (id) VALUES (i); COMMIT; END LOOP; END$$",
                    inserted + 1, inserted + kMany));
    inserted += kMany;
    return armed(orders) == 0;
  }));
  CHECK(node.hears(inserted));
  CHECK(eventually([&] { return armed(orders) == 1; }));
}

TEST_CASE("With notify a node stays armed whatever happens; with poll it never is") {
  OrdersTable orders;
  const auto mode = GENERATE(WakeMode::kNotify, WakeMode::kPoll);
  const int expected = mode == WakeMode::kNotify ? 1 : 0;
  SleepyNode node(orders, mode);
  CHECK(eventually([&] { return armed(orders) == expected; }));
  for (int i = 1; i <= 200; ++i) {
    orders.exec("INSERT INTO orders (id) VALUES (" + std::to_string(i) + ")");
    REQUIRE(armed(orders) == expected);
  }
  CHECK(node.hears(200));
}

TEST_CASE("When the armed node stops, the others are told and one of them arms") {
  OrdersTable orders;
  SleepyNode first(orders, WakeMode::kArmed);
  CHECK(eventually([&] { return armed(orders) == 1; }));
  SleepyNode second(orders, WakeMode::kArmed);
  orders.exec("INSERT INTO orders (id) VALUES (1)");
  CHECK(second.hears(1));
  REQUIRE(eventually([&] { return asleep(orders) == 2; }));
  first.stop();
  CHECK(eventually([&] { return armed(orders) == 1; }));
  orders.exec("INSERT INTO orders (id) VALUES (2)");
  CHECK(second.hears(2));
}

TEST_CASE("When the armed node's session is killed, the slow poll makes another one arm") {
  OrdersTable orders;
  const auto holder = orders.session();
  REQUIRE(pg::arm(*holder) == Guard::kOwn);
  SleepyNode node(orders, WakeMode::kArmed, std::chrono::milliseconds(50));
  orders.exec("INSERT INTO orders (id) VALUES (1)");
  CHECK(node.hears(1));
  orders.exec("SELECT pg_terminate_backend(" + std::to_string(holder->backendpid()) + ", 10000)");
  orders.exec("INSERT INTO orders (id) VALUES (2)");
  CHECK(node.hears(2));
  CHECK(eventually([&] { return armed(orders) == 1; }));
}

}  // namespace
}  // namespace ordercast
