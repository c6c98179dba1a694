// After every connection the listener reads before it waits: no notification tells of what was
// committed while it was away.
#include <catch2/catch.hpp>
#include <pqxx/pqxx>
#include <string>

#include "base/mutex.h"
#include "pg/listener.h"
#include "pg/watchdog.h"
#include "support/eventually.h"
#include "support/orders_table.h"

namespace ordercast {
namespace {

using namespace testing;

// What the listener has said. Thread-safe.
class Told : public ChangeSink {
 public:
  void start(const Epoch&, const Position&, std::string_view) override {}
  void publish(BatchPtr page) override {
    MutexLock lock(mutex_);
    changes_ += page->changes.size();
  }
  void set_catalog(CatalogPtr) override {}
  void set_database_up(bool up) override {
    MutexLock lock(mutex_);
    up_ = up;
  }
  [[nodiscard]] bool up() {
    MutexLock lock(mutex_);
    return up_;
  }
  [[nodiscard]] std::size_t changes() {
    MutexLock lock(mutex_);
    return changes_;
  }

 private:
  Mutex mutex_;
  bool up_ GUARDED_BY(mutex_) = false;
  std::size_t changes_ GUARDED_BY(mutex_) = 0;
};

TEST_CASE("What was committed while the listener was away is read when it is back") {
  OrdersTable orders;
  orders.exec("SELECT 1");  // its own session stays
  const auto allow_connections = [&](const std::string& allowed) {
    pqxx::connection other(test_cluster().conninfo("postgres"));
    pqxx::nontransaction(other).exec("ALTER DATABASE " + orders.database().name() +
                                     " ALLOW_CONNECTIONS " + allowed);
  };
  Told told;
  pg::Watchdog watchdog;
  // The read that comes every second would hide it.
  pg::Listener listener(
      {.conninfo = orders.database().url(), .poll_interval = std::chrono::hours(1)}, told,
      watchdog);
  listener.start();
  REQUIRE(eventually([&] { return told.up(); }));

  allow_connections("false");
  REQUIRE(orders.terminate_sessions() == 1);
  REQUIRE(eventually([&] { return !told.up(); }));
  orders.exec("INSERT INTO orders (id) VALUES (1)");
  allow_connections("true");
  CHECK(eventually([&] { return told.changes() == 1; }));
}

}  // namespace
}  // namespace ordercast
