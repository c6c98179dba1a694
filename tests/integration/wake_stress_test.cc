// No wake-up is lost: three nodes, whose slow poll is an hour away, hear of every commit at once,
// whatever writers do. The model (tests/unit/pg/wake_model_test.cc) tries all orders of events;
// this tries that PostgreSQL is as the model says.
#include <fmt/format.h>

#include <array>
#include <catch2/catch.hpp>
#include <iterator>
#include <list>
#include <memory>
#include <optional>
#include <random>
#include <set>
#include <string>

#include "base/mutex.h"
#include "pg/listener.h"
#include "pg/schema.h"
#include "pg/watchdog.h"
#include "support/eventually.h"
#include "support/random_writers.h"
#include "support/temp_dir.h"
#include "support/test_database.h"

namespace ordercast {
namespace {

using namespace testing;
using pg::WakeMode;

// The numbers of the changes that a listener was told. Thread-safe.
class Heard : public ChangeSink {
 public:
  void start(const Epoch&, const Position&, std::string_view) override {}
  void publish(BatchPtr page) override {
    MutexLock lock(mutex_);
    for (const auto& change : page->changes) {
      if (change.op != Op::kCatalog) seqs_.insert(change.seq);
    }
  }
  void set_catalog(CatalogPtr) override {}
  void set_database_up(bool) override {}

  [[nodiscard]] std::multiset<std::int64_t> seqs() {
    MutexLock lock(mutex_);
    return seqs_;
  }

 private:
  Mutex mutex_;
  std::multiset<std::int64_t> seqs_ GUARDED_BY(mutex_);
};

// A server where transactions can be prepared, with a table of orders.
class Shop {
 public:
  Shop() : cluster_({.data_dir = dir_.path() / "pg", .settings = settings()}) {
    connection_ = session();
    pg::migrate(*connection_);
    exec(
        "CREATE TABLE public.orders (id bigint PRIMARY KEY, merchant int NOT NULL DEFAULT 1,"
        "  status text NOT NULL DEFAULT 'created', total numeric, note text);"
        "SELECT ordercast.watch('public.orders')");
  }
  [[nodiscard]] std::string conninfo() const { return cluster_.conninfo(); }
  [[nodiscard]] std::unique_ptr<pqxx::connection> session() const {
    return std::make_unique<pqxx::connection>(conninfo());
  }
  pqxx::result exec(const std::string& sql) { return pqxx::nontransaction(*connection_).exec(sql); }
  [[nodiscard]] std::multiset<std::int64_t> logged() {
    std::multiset<std::int64_t> seqs;
    for (const auto& row : exec("SELECT seq FROM ordercast.change_log WHERE op <> 'c'")) {
      seqs.insert(row[0].as<std::int64_t>());
    }
    return seqs;
  }

 private:
  static std::vector<std::pair<std::string, std::string>> settings() {
    auto settings = fast_settings();
    settings.emplace_back("max_prepared_transactions", "20");
    return settings;
  }

  TempDir dir_{server_root()};
  pg::LocalCluster cluster_;
  std::unique_ptr<pqxx::connection> connection_;
};

class Nodes {
 public:
  Nodes(const Shop& shop, std::array<WakeMode, 3> modes) {
    for (std::size_t i = 0; i < modes.size(); ++i) {
      listeners_[i].emplace(pg::ListenerOptions{.conninfo = shop.conninfo(),
                                                .wake = modes[i],
                                                .poll_interval = std::chrono::hours(1)},
                            heard_[i], watchdog_);
      listeners_[i]->start();
      listeners_[i]->wait_first_attempt(kPatience);
    }
  }
  // Each change once.
  [[nodiscard]] bool hear(const std::multiset<std::int64_t>& all) {
    return eventually([&] {
      return std::ranges::all_of(heard_, [&](Heard& node) { return node.seqs() == all; });
    });
  }

 private:
  pg::Watchdog watchdog_;
  std::array<Heard, 3> heard_;
  std::array<std::optional<pg::Listener>, 3> listeners_;
};

// What the random writers do not do: transactions that stay open, or prepared, while others come
// and go, and sessions that end in the middle.
class Mischief {
 public:
  Mischief(Shop& shop, std::uint64_t seed) : shop_(shop), random_(seed) {}

  void next() {
    switch (one_of(4)) {
      case 0:
        return stay_open();
      case 1:
        return prepare();
      case 2:
        return kill_a_writer();
      default:
        return end_some();
    }
  }
  void end_some() {
    std::erase_if(prepared_, [&](const std::string& name) {
      if (one_of(2) == 0) return false;
      shop_.exec(fmt::format("{} PREPARED '{}'", one_of(4) > 0 ? "COMMIT" : "ROLLBACK", name));
      return true;
    });
    for (auto it = open_.begin(); it != open_.end();) {
      if (one_of(2) == 0) {
        ++it;
        continue;
      }
      if (one_of(4) > 0) pqxx::nontransaction(**it).exec("COMMIT");
      it = open_.erase(it);
    }
  }
  void end_all() {
    while (!open_.empty() || !prepared_.empty()) end_some();
  }
  [[nodiscard]] int one_of(int count) {
    return std::uniform_int_distribution<int>(0, count - 1)(random_);
  }

 private:
  static constexpr std::size_t kMost = 3;

  std::string insert() { return fmt::format("INSERT INTO orders (id) VALUES ({})", --id_); }
  void stay_open() {
    if (open_.size() >= kMost) return;
    open_.push_back(shop_.session());
    pqxx::nontransaction transaction(*open_.back());
    transaction.exec("BEGIN; " + insert());
    transaction.exec("SAVEPOINT s; " + insert() + "; ROLLBACK TO s");
  }
  void prepare() {
    if (prepared_.size() >= kMost) return;
    const auto name = fmt::format("order {}", --id_);
    const auto session = shop_.session();
    try {
      pqxx::nontransaction(*session).exec(
          fmt::format("BEGIN; {}; PREPARE TRANSACTION '{}'", insert(), name));
      prepared_.push_back(name);
    } catch (const pqxx::sql_error& error) {
      CHECK_THAT(error.what(), Catch::Contains("NOTIFY"));  // a node was armed
    }
  }
  void kill_a_writer() {
    shop_.exec(
        "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE application_name = 'writer' "
        "ORDER BY random() LIMIT 1");
  }

  Shop& shop_;
  std::mt19937_64 random_;
  std::list<std::unique_ptr<pqxx::connection>> open_;
  std::vector<std::string> prepared_;
  std::int64_t id_ = 0;  // below those of the random writers
};

TEST_CASE("Every node hears of every commit without the slow poll") {
  using enum WakeMode;
  const auto modes =
      GENERATE(std::array{kArmed, kArmed, kArmed}, std::array{kArmed, kArmed, kNotify},
               std::array{kArmed, kPoll, kArmed});
  const auto seed = test_seed();
  INFO("ORDERCAST_TEST_SEED=" << seed);
  Shop shop;
  Nodes nodes(shop, modes);
  Mischief mischief(shop, seed);
  constexpr int kRounds = 8;
  for (int round = 0; round < kRounds; ++round) {
    CAPTURE(round);
    {
      // From one commit after the other to pauses in which the nodes arm.
      const std::chrono::milliseconds pause(std::array{0, 2, 10, 40}[mischief.one_of(4)]);
      RandomWriters writers(shop.conninfo(), {.writers = 3,
                                              .transactions = 25,
                                              .round = round,
                                              .seed = seed,
                                              .pause = pause,
                                              .survive = true});
      while (writers.running()) mischief.next();
    }
    if (round % 2 == 0) mischief.end_all();
    REQUIRE(nodes.hear(shop.logged()));
  }
  mischief.end_all();
  // Alone, when all sleep.
  for (int i = 1; i <= 20; ++i) {
    shop.exec(
        fmt::format("UPDATE orders SET note = '{}' WHERE id = (SELECT min(id) FROM orders)", i));
    REQUIRE(nodes.hear(shop.logged()));
  }
}

}  // namespace
}  // namespace ordercast
