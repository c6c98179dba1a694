// Threads that trade on an `orders` table (support/orders_table.h) at random: inserts, updates,
// deletes, changed keys and upserts, in transactions of a few statements, some of which are rolled
// back, whole or to a savepoint. They share a few rows, for which they queue, and own the others.
//
// join() and the destructor from the thread that made them; running() from any.
#pragma once

#include <atomic>
#include <cstdint>
#include <exception>
#include <string>
#include <thread>
#include <vector>

namespace ordercast::testing {

// $ORDERCAST_TEST_SEED, or another one each time. Say it in INFO().
[[nodiscard]] std::uint64_t test_seed();

struct RandomWritersOptions {
  int writers = 4;
  int transactions = 100;  // of each
  int round = 0;           // another one for each use on one table: rows of others are left alone
  std::uint64_t seed = 0;
};

class RandomWriters {
 public:
  RandomWriters(std::string conninfo, RandomWritersOptions options);
  ~RandomWriters();
  RandomWriters(const RandomWriters&) = delete;
  RandomWriters& operator=(const RandomWriters&) = delete;

  [[nodiscard]] bool running() const { return running_ > 0; }
  // Waits for their end; throws what one of them threw.
  void join();

 private:
  void write(int writer);

  const std::string conninfo_;
  const RandomWritersOptions options_;
  std::atomic<int> running_;
  std::vector<std::exception_ptr> failures_;  // one place each
  std::vector<std::thread> threads_;
};

}  // namespace ordercast::testing
