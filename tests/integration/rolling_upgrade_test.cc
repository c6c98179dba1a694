// docs/operations.md, "Upgrades": nodes take over from each other while the shop writes, and no
// client loses a change or is told one twice.
#include <fmt/format.h>

#include <atomic>
#include <catch2/catch.hpp>
#include <csignal>
#include <future>
#include <memory>
#include <stdexcept>
#include <vector>

#include "support/event_client.h"
#include "support/eventually.h"
#include "support/node.h"
#include "support/orders_table.h"
#include "support/told.h"

namespace ordercast {
namespace {

using namespace testing;

constexpr int kClients = 20;
constexpr int kUpgrades = 3;

// Where a load balancer would lead who comes: to the node that was put in last.
using Balancer = std::atomic<std::uint16_t>;

// Writes until it is told to stop; then the one DELETE, by which clients know the end.
void trade(OrdersTable& orders, const std::atomic<bool>& stop) {
  const auto session = orders.session();
  pqxx::nontransaction shop(*session);
  for (int id = 1; !stop; ++id) {
    shop.exec(fmt::format("INSERT INTO orders (id, status) VALUES ({}, 'paid')", id));
    shop.exec(fmt::format("UPDATE orders SET status = 'shipped' WHERE id = {}", id));
  }
  shop.exec("DELETE FROM orders WHERE id = 1");
}

// However the test ends, its writer does.
struct StopAtEnd {
  std::atomic<bool>& stop;
  ~StopAtEnd() { stop = true; }
};

// As often as it takes, as browsers do: who is late comes to a node that has begun to drain, and is
// sent away, or to one that has gone.
bool come_back(EventClient& client, const Balancer& balancer) {
  return eventually([&] {
    try {
      client.resume(balancer);
      return true;
    } catch (const std::runtime_error&) {
      return false;
    }
  });
}

// Stays on until the end, whoever ends the stream; how often it moved.
int follow(EventClient& client, const Balancer& balancer) {
  int moves = 0;
  while (client.count("delete") == 0) {
    if (client.next()) continue;
    if (!come_back(client, balancer)) throw std::runtime_error("nobody takes the client");
    if (client.hello().at("resumed") != true) throw std::runtime_error("not resumed");
    ++moves;
  }
  return moves;
}

TEST_CASE("New nodes take over from old ones while the shop writes, and nobody loses anything") {
  OrdersTable orders;
  auto node = std::make_unique<ServedNode>(orders.database(),
                                           std::vector<std::string>{"--drain-ms", "500"});
  Balancer balancer = node->port();
  std::vector<std::unique_ptr<EventClient>> clients;
  std::vector<std::future<int>> followers;
  for (int i = 0; i < kClients; ++i) {
    auto& client = *clients.emplace_back(
        std::make_unique<EventClient>(balancer, EventClientOptions{.from_empty = true}));
    followers.push_back(std::async(std::launch::async, [&] { return follow(client, balancer); }));
  }
  std::atomic<bool> stop = false;
  auto writer = std::async(std::launch::async, [&] { trade(orders, stop); });
  const StopAtEnd stop_at_end{stop};

  for (int upgrade = 0; upgrade < kUpgrades; ++upgrade) {
    auto next = std::make_unique<ServedNode>(orders.database(),
                                             std::vector<std::string>{"--drain-ms", "500"});
    balancer = next->port();
    node->process().signal(SIGTERM);
    CHECK(node->process().wait().success());
    node = std::move(next);
  }
  stop = true;
  writer.get();
  // One that is slow to find out may leave a node out.
  for (auto& follower : followers) CHECK(follower.get() >= 1);
  const Committed committed(orders);
  for (const auto& client : clients) check_told_all(*client, committed);
}

}  // namespace
}  // namespace ordercast
