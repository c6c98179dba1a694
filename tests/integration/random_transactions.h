// Transactions that begin, write and end in any order beside each other.
#pragma once

#include <cstddef>
#include <memory>
#include <pqxx/pqxx>
#include <random>
#include <string>
#include <utility>
#include <vector>

#include "support/test_database.h"

namespace ordercast::testing {

class RandomTransactions {
 public:
  RandomTransactions(TestDatabase& database, unsigned seed, std::size_t count) : random_(seed) {
    for (std::size_t i = 0; i < count; ++i) running_.push_back({database.connect(), nullptr, 0});
  }

  // One of them executes `write`, or commits, or is rolled back. How many writes that committed.
  std::size_t step(const std::string& write) {
    auto& [session, work, writes] = running_[random_() % running_.size()];
    if (!work) work = std::make_unique<pqxx::work>(*session);
    const auto what = random_() % 4;
    if (what > 1) {
      work->exec(write);
      ++writes;
      return 0;
    }
    if (what == 0) work->commit();
    work.reset();
    const auto ended = std::exchange(writes, 0);
    return what == 0 ? ended : 0;
  }

  // Rolls back all that run.
  void end() {
    for (auto& running : running_) running.work.reset();
  }

  [[nodiscard]] bool coin() { return random_() % 2 == 0; }

 private:
  struct Running {
    std::unique_ptr<pqxx::connection> session;
    std::unique_ptr<pqxx::work> work;  // before the session it goes
    std::size_t writes;
  };
  std::minstd_rand random_;
  std::vector<Running> running_;
};

}  // namespace ordercast::testing
