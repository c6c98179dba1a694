// Clients that keep the table, or a view of it, that they are told of, are cut at random, also in
// the middle of an event, and come back to a random node with the last id that they took. A few
// threads drive them. start(), cut_all() and finish() from one thread.
#pragma once

#include <atomic>
#include <chrono>
#include <cstdint>
#include <memory>
#include <random>
#include <thread>
#include <vector>

#include "faults/fleet.h"
#include "support/event_client.h"

namespace ordercast::faults {

// What every third client asks for, and the same in SQL. The last change is one of its rows.
inline constexpr char kFilter[] = "merchant=in.(1,2,3)&or=(status.neq.paid%205,total.gte.500)";
inline constexpr char kWhere[] = "merchant IN (1, 2, 3) AND (status <> 'paid 5' OR total >= 500)";

struct CrowdOptions {
  int clients = 20;
  std::uint64_t seed = 0;
};

class Crowd {
 public:
  // The table is empty now. `fleet` outlives it.
  Crowd(const Fleet& fleet, const CrowdOptions& options);
  ~Crowd();
  Crowd(const Crowd&) = delete;
  Crowd& operator=(const Crowd&) = delete;

  void start();
  void cut_all() { ++cuts_ordered_; }
  // Returns when each has been told the change `last_seq`, which is the last to be committed, or
  // `patience` has passed.
  void finish(std::int64_t last_seq, std::chrono::milliseconds patience);

  // After finish().
  [[nodiscard]] const std::vector<std::unique_ptr<testing::EventClient>>& clients() const {
    return clients_;
  }
  // Whether that one has the filter.
  [[nodiscard]] static bool filtered(std::size_t client) { return client % 3 == 2; }
  // So far.
  [[nodiscard]] std::int64_t connections() const { return connections_; }
  [[nodiscard]] std::int64_t events() const { return events_; }

 private:
  // Clients first, first + kThreads, …
  void run(std::size_t first);
  void read(testing::EventClient& client, std::mt19937_64& random);
  void come_back(testing::EventClient& client, std::mt19937_64& random);
  [[nodiscard]] bool done(const testing::EventClient& client) const;
  [[nodiscard]] bool over() const;

  static constexpr std::size_t kThreads = 2;

  const Fleet& fleet_;
  const std::uint64_t seed_;
  std::vector<std::unique_ptr<testing::EventClient>> clients_;
  std::vector<std::thread> threads_;
  std::atomic<int> cuts_ordered_ = 0;
  std::atomic<std::int64_t> last_seq_ = -1;  // none: it goes on
  std::atomic<std::chrono::steady_clock::time_point> deadline_{};
  std::atomic<std::int64_t> connections_ = 0;
  std::atomic<std::int64_t> events_ = 0;
};

}  // namespace ordercast::faults
