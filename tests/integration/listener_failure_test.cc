// What the listener owes its sink: whatever fails between the two is made good with the next
// connection, and what is no page does not wait for the last one.
#include <catch2/catch.hpp>
#include <new>
#include <optional>
#include <string>

#include "base/mutex.h"
#include "core/history_reader.h"
#include "pg/listener.h"
#include "pg/watchdog.h"
#include "support/eventually.h"
#include "support/orders_table.h"

namespace ordercast {
namespace {

using namespace testing;

// Fails once at a step, and holds up changes while it is asked to. Thread-safe.
class Sink : public ChangeSink {
 public:
  enum class Step { kNone, kCatalog, kStart, kPublish };
  explicit Sink(Step fails_at = Step::kNone) : fails_at_(fails_at) {}

  void start(const Epoch&, const Position& position, std::string_view) override {
    const MutexLock lock(mutex_);
    fail_at(Step::kStart);
    ++seen_.starts;
    head_ = position;
  }
  void publish(BatchPtr page) override {
    const MutexLock lock(mutex_);
    if (!page->changes.empty()) {
      seen_.held = held_up_;
      while (held_up_) changed_.wait(mutex_);
      fail_at(Step::kPublish);
    }
    seen_.joined = seen_.joined && head_ == page->from;
    head_ = page->end();
    seen_.changes += page->changes.size();
  }
  void set_catalog(CatalogPtr catalog) override {
    const MutexLock lock(mutex_);
    fail_at(Step::kCatalog);
    catalog_ = std::move(catalog);
  }
  void set_database_up(bool up) override {
    const MutexLock lock(mutex_);
    seen_.up = up;
  }

  void set_revocations(RevocationsPtr) override {
    const MutexLock lock(mutex_);
    ++seen_.revocations;
    seen_.changes_at_revocation = seen_.changes;
  }

  void hold_up(bool held_up) {
    const MutexLock lock(mutex_);
    held_up_ = held_up;
    changed_.notify_all();
  }

  // What it was told.
  struct Seen {
    bool held = false;  // some changes were held up
    bool up = false;
    bool failed = false;
    int starts = 0;
    std::size_t changes = 0;
    int revocations = 0;                    // how often the list was told
    std::size_t changes_at_revocation = 0;  // and how many changes before it was last
    bool joined = true;                     // each page began where the one before had ended
  };
  [[nodiscard]] Seen seen() {
    const MutexLock lock(mutex_);
    return seen_;
  }
  [[nodiscard]] bool has_stream(const std::string& name) {
    const MutexLock lock(mutex_);
    return catalog_ && catalog_->contains(name);
  }

 private:
  void fail_at(Step step) REQUIRES(mutex_) {
    if (fails_at_ != step) return;
    fails_at_ = Step::kNone;
    seen_.failed = true;
    throw std::bad_alloc();
  }

  Mutex mutex_;
  CondVar changed_;
  Step fails_at_ GUARDED_BY(mutex_);
  bool held_up_ GUARDED_BY(mutex_) = false;
  std::optional<Position> head_ GUARDED_BY(mutex_);
  Seen seen_ GUARDED_BY(mutex_);
  CatalogPtr catalog_ GUARDED_BY(mutex_);
};

TEST_CASE("A history whose beginning fails half-way is begun again, and no page is left out") {
  OrdersTable orders;
  Sink sink(GENERATE(Sink::Step::kCatalog, Sink::Step::kStart, Sink::Step::kPublish));
  pg::Watchdog watchdog;
  pg::Listener listener({.conninfo = orders.database().url()}, sink, watchdog);
  listener.start();
  REQUIRE(eventually([&] { return sink.seen().up; }));
  orders.exec("INSERT INTO orders (id) VALUES (1)");
  CHECK(eventually([&] { return sink.seen().failed && sink.seen().changes == 1; }));
  CHECK(sink.seen().starts == 1);
  CHECK(sink.seen().joined);
}

TEST_CASE("A revocation does not wait for the end of a large transaction") {
  OrdersTable orders;
  Sink sink;
  pg::Watchdog watchdog;
  pg::Listener listener({.conninfo = orders.database().url()}, sink, watchdog);
  listener.start();
  REQUIRE(eventually([&] { return sink.seen().up; }));
  sink.hold_up(true);
  constexpr std::size_t kPages = 5;
  constexpr std::size_t kChanges = kPages * HistoryReader::kPageRows;
  orders.exec("INSERT INTO orders (id) SELECT generate_series(1, " + std::to_string(kChanges) +
              ")");
  CHECK(eventually([&] { return sink.seen().held; }));
  orders.exec("SELECT ordercast.revoke(jti => 'lost')");
  sink.hold_up(false);
  REQUIRE(eventually([&] { return sink.seen().revocations == 2; }));  // the first as it began
  CHECK(sink.seen().changes_at_revocation < kChanges);
}

TEST_CASE("A stream that comes in what the listener loses is known all the same") {
  OrdersTable orders;
  Sink sink;
  pg::Watchdog watchdog;
  pg::Listener listener({.conninfo = orders.database().url()}, sink, watchdog);
  listener.start();
  REQUIRE(eventually([&] { return sink.seen().up; }));
  sink.hold_up(true);
  orders.exec("INSERT INTO orders (id) VALUES (1)");
  CHECK(eventually([&] { return sink.seen().held; }));
  orders.exec(
      "CREATE TABLE public.items (id int PRIMARY KEY); SELECT ordercast.watch('public.items');"
      "TRUNCATE ordercast.change_log; UPDATE ordercast.history SET floor_tx = "
      "pg_current_xact_id()");
  sink.hold_up(false);
  CHECK(eventually([&] { return sink.seen().starts == 2; }));
  CHECK(sink.has_stream("items"));
}

}  // namespace
}  // namespace ordercast
