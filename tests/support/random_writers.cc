#include "support/random_writers.h"

#include <fmt/format.h>

#include <cstdlib>
#include <memory>
#include <pqxx/pqxx>
#include <random>
#include <utility>

namespace ordercast::testing {
namespace {

// Rows that all writers change; each transaction takes at most one of them, and first, so that none
// waits for another that waits for it.
constexpr int kSharedRows = 5;
constexpr std::int64_t kOwnRows = 1'000'000;  // ids of writer n: from n * kOwnRows on
// A database that has just failed is not asked again at once.
constexpr std::chrono::milliseconds kAfterFailure{50};

}  // namespace

std::uint64_t test_seed() {
  const char* given = std::getenv("ORDERCAST_TEST_SEED");
  return given != nullptr ? std::strtoull(given, nullptr, 10) : std::random_device()();
}

class RandomWriters::Writer {
 public:
  Writer(const std::string& conninfo, int number, std::uint64_t seed)
      : conninfo_(conninfo + " application_name=writer"), number_(number), random_(seed) {}

  // Whether it was committed. Throws what the database throws.
  bool run_transaction() {
    if (!connection_) connection_ = std::make_unique<pqxx::connection>(conninfo_);
    pqxx::work work(*connection_);
    if (chance(30)) work.exec(shared_statement());
    for (int i = one_of(4); i >= 0; --i) work.exec(own_statement());
    if (chance(20)) {
      work.exec("SAVEPOINT here; " + own_statement());
      work.exec(chance(50) ? "ROLLBACK TO here" : "RELEASE here");
      work.exec(own_statement());
    }
    const bool commits = chance(90);
    if (commits) work.commit();
    return commits;
  }
  // The next transaction begins on a new connection.
  void disconnect() { connection_.reset(); }
  std::chrono::milliseconds pause(std::chrono::milliseconds average) {
    return std::chrono::milliseconds(one_of(2 * static_cast<int>(average.count()) + 1));
  }

 private:
  int one_of(int count) { return std::uniform_int_distribution<int>(0, count - 1)(random_); }
  bool chance(int percent) { return one_of(100) < percent; }

  std::string shared_statement() {
    return fmt::format(
        "INSERT INTO public.orders (id, total) VALUES ({}, {}) "
        "ON CONFLICT (id) DO UPDATE SET total = orders.total + 1, status = 'shared {}'",
        one_of(kSharedRows), one_of(100), number_);
  }

  std::string own_statement() {
    const auto base = number_ * kOwnRows;
    const auto some = fmt::format("id = {}", base + one_of(next_ + 1));
    const auto kind = one_of(100);
    if (kind < 45) {
      return fmt::format(
          "INSERT INTO public.orders (id, merchant, total, note) VALUES ({}, {}, {}.{:02}, '{}')",
          base + ++next_, one_of(9), one_of(1000), one_of(100),
          std::string(static_cast<std::size_t>(one_of(200)), 'n'));
    }
    if (kind < 75) {
      return fmt::format("UPDATE public.orders SET status = 'paid {}' WHERE {}", one_of(10), some);
    }
    if (kind < 85) return "DELETE FROM public.orders WHERE " + some;
    if (kind < 92) {
      return fmt::format("UPDATE public.orders SET id = {} WHERE {}", base + ++next_, some);
    }
    return fmt::format(
        "UPDATE public.orders SET merchant = merchant + 1 WHERE id BETWEEN {0} AND {0} + 20",
        base + one_of(next_ + 1));
  }

  const std::string conninfo_;
  std::unique_ptr<pqxx::connection> connection_;
  const int number_;
  std::mt19937_64 random_;
  int next_ = 0;  // the last id used, also by what was rolled back
};

RandomWriters::RandomWriters(std::string conninfo, RandomWritersOptions options)
    : conninfo_(std::move(conninfo)),
      options_(options),
      running_(options.writers),
      failures_(static_cast<std::size_t>(options.writers)) {
  for (int i = 0; i < options_.writers; ++i) threads_.emplace_back([this, i] { write(i); });
}

RandomWriters::~RandomWriters() {
  if (options_.transactions == RandomWritersOptions::kUntilStopped) stop();
  for (auto& thread : threads_) thread.join();
}

void RandomWriters::join() {
  for (auto& thread : threads_) thread.join();
  threads_.clear();
  for (const auto& failure : failures_) {
    if (failure) std::rethrow_exception(failure);
  }
}

void RandomWriters::write(int writer) {
  try {
    const int number = options_.round * options_.writers + writer + 1;
    Writer it(conninfo_, number, options_.seed * 31 + static_cast<std::uint64_t>(number));
    for (int i = 0; i != options_.transactions && !stopped_; ++i) {
      const bool fine = run_transaction(it);
      std::this_thread::sleep_for(fine ? it.pause(options_.pause) : kAfterFailure);
    }
  } catch (...) {
    failures_[static_cast<std::size_t>(writer)] = std::current_exception();
  }
  --running_;
}

bool RandomWriters::run_transaction(Writer& writer) {
  try {
    committed_ += writer.run_transaction();
    return true;
  } catch (const pqxx::failure&) {
    if (!options_.survive) throw;
    ++failed_;
    writer.disconnect();
    return false;
  }
}

}  // namespace ordercast::testing
