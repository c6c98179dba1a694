// Threads that trade on an `orders` table (support/orders_table.h) at random: inserts, updates,
// deletes, changed keys and upserts, in transactions of a few statements, some of which are rolled
// back, whole or to a savepoint. They share a few rows, for which they queue, and own the others.
//
// join(), stop() and the destructor from the thread that made them; the rest from any.
#pragma once

#include <atomic>
#include <chrono>
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
  static constexpr int kUntilStopped = -1;

  int transactions = 100;  // of each
  int round = 0;           // another one for each use on one table: rows of others are left alone
  std::uint64_t seed = 0;
  std::chrono::milliseconds pause{0};  // after each transaction, on average
  bool survive = false;  // a transaction that fails is given up, and the connection made again
};

class RandomWriters {
 public:
  RandomWriters(std::string conninfo, RandomWritersOptions options);
  ~RandomWriters();
  RandomWriters(const RandomWriters&) = delete;
  RandomWriters& operator=(const RandomWriters&) = delete;

  [[nodiscard]] bool running() const { return running_ > 0; }
  // They end after the transaction that they are in.
  void stop() { stopped_ = true; }
  // Transactions so far, without those that were rolled back on purpose.
  [[nodiscard]] std::int64_t committed() const { return committed_; }
  // What the database did not let them finish; some of these may have committed.
  [[nodiscard]] std::int64_t failed() const { return failed_; }
  // Waits for their end; throws what one of them threw.
  void join();

 private:
  class Writer;

  void write(int writer);
  // False when a fault was survived.
  bool run_transaction(Writer& writer);

  const std::string conninfo_;
  const RandomWritersOptions options_;
  std::atomic<int> running_;
  std::atomic<bool> stopped_ = false;
  std::atomic<std::int64_t> committed_ = 0;
  std::atomic<std::int64_t> failed_ = 0;
  std::vector<std::exception_ptr> failures_;  // one place each
  std::vector<std::thread> threads_;
};

}  // namespace ordercast::testing
