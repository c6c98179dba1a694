// Many clients at once, some of which are cut again and again: each gets each change exactly once.
#include <poll.h>

#include <algorithm>
#include <catch2/catch.hpp>
#include <chrono>
#include <memory>
#include <random>
#include <set>
#include <vector>

#include "support/event_client.h"
#include "support/node.h"
#include "support/orders_table.h"
#include "support/random_writers.h"
#include "support/told.h"

namespace ordercast {
namespace {

using namespace testing;
using Clock = std::chrono::steady_clock;

constexpr int kClients = 50;
// A client is cut instead of read when it has something to read for the first time, and later so
// many of a hundred times.
constexpr int kDropPercent = 20;

class Crowd {
 public:
  Crowd(std::vector<std::uint16_t> ports, std::uint64_t seed)
      : ports_(std::move(ports)), random_(seed) {
    for (int i = 0; i < kClients; ++i) {
      clients_.push_back(
          std::make_unique<EventClient>(any_port(), EventClientOptions{.from_empty = true}));
    }
  }

  // Reads what has come for any, or waits for it; cuts some, in the middle of what they were sent.
  void step() {
    std::vector<pollfd> entries;
    for (auto& client : clients_) entries.push_back({client->fd(), POLLIN, 0});
    constexpr int kPauseMs = 20;
    ::poll(entries.data(), entries.size(), kPauseMs);
    for (std::size_t i = 0; i < clients_.size(); ++i) {
      if (entries[i].revents != 0) read(i);
    }
  }

  [[nodiscard]] const std::vector<std::unique_ptr<EventClient>>& clients() const {
    return clients_;
  }
  // How many changes all of them have had.
  [[nodiscard]] std::size_t told() const {
    std::size_t count = 0;
    for (const auto& client : clients_) count += client->seqs().size();
    return count;
  }

 private:
  int one_of(int count) { return std::uniform_int_distribution<int>(0, count - 1)(random_); }
  std::uint16_t any_port() {
    return ports_[static_cast<std::size_t>(one_of(static_cast<int>(ports_.size())))];
  }

  void read(std::size_t index) {
    EventClient& client = *clients_[index];
    if (cut_.insert(index).second || one_of(100) < kDropPercent) {
      // Some of what has arrived is taken; the rest is lost with the connection.
      for (int i = one_of(5); i > 0; --i) client.take_one();
      client.drop();
      client.resume(any_port());
    } else {
      client.take_all();
    }
  }

  const std::vector<std::uint16_t> ports_;
  std::mt19937_64 random_;
  std::vector<std::unique_ptr<EventClient>> clients_;
  std::set<std::size_t> cut_;  // those that were, once or more
};

TEST_CASE(
    "Each of 50 clients of two nodes gets each change exactly once, however often it is cut") {
  const auto seed = test_seed();
  INFO("ORDERCAST_TEST_SEED=" << seed);
  OrdersTable orders;
  ServedNode one(orders.database());
  ServedNode two(orders.database());
  Crowd crowd({one.port(), two.port()}, seed);
  RandomWriters writers(orders.database().url(), {.transactions = 100, .seed = seed});
  while (writers.running()) crowd.step();
  writers.join();
  orders.exec("INSERT INTO orders (id) VALUES (-1)");  // commits last and has the highest seq
  const Committed committed(orders);
  const auto behind = [&](const auto& client) { return client->last_seq() < committed.last_seq(); };
  // As long as something comes.
  std::size_t told = 0;
  auto deadline = Clock::now() + kPatience;
  while (std::any_of(crowd.clients().begin(), crowd.clients().end(), behind) &&
         Clock::now() < deadline) {
    crowd.step();
    if (crowd.told() > told) deadline = Clock::now() + kPatience;
    told = crowd.told();
  }

  for (const auto& client : crowd.clients()) {
    check_told_all(*client, committed);
  }
}

}  // namespace
}  // namespace ordercast
