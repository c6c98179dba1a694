// docs/operations.md, "Upgrades": nodes of two releases take over from each other, forth and back,
// while the shop writes, and no client loses a change or is told one twice.
#include <fmt/format.h>

#include <atomic>
#include <catch2/catch.hpp>
#include <chrono>
#include <csignal>
#include <future>
#include <memory>
#include <stdexcept>
#include <string>
#include <thread>
#include <vector>

#include "support/event_client.h"
#include "support/eventually.h"
#include "support/metrics_page.h"
#include "support/next_release.h"
#include "support/node.h"
#include "support/orders_table.h"
#include "support/told.h"

namespace ordercast {
namespace {

using namespace testing;

constexpr int kClients = 20;
// Of $ORDERCAST_BINARY; the next one is what next_release() says.
constexpr const char* kThisRelease = "";

// Where a load balancer would lead who comes: to the node that was put in last.
using Balancer = std::atomic<std::uint16_t>;

// Writes until it is told to stop, no faster than the clients, who share the machine, read it under
// a sanitizer; then the one DELETE, by which clients know the end.
void trade(OrdersTable& orders, const std::atomic<bool>& stop) {
  const auto session = orders.session();
  pqxx::nontransaction shop(*session);
  for (int id = 1; !stop; ++id) {
    std::this_thread::sleep_for(std::chrono::milliseconds(10));
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

std::unique_ptr<ServedNode> start(OrdersTable& orders, const std::string& program) {
  return std::make_unique<ServedNode>(
      std::vector<std::string>{"serve", "--database", orders.database().url(), "--drain-ms", "500"},
      TestProcessOptions{.program = program});
}

bool serves_all(const ServedNode& node) {
  return MetricsPage(node.get("/metrics").body).value("ordercast_streams_active") == kClients;
}

// The log of the changes, on a second connection.
bool follows_again(ServedNode& node) {
  const auto said = node.process().stderr_text();
  const std::string follows = "following the change log";
  return said.find(follows) != said.rfind(follows) && node.ready();
}

TEST_CASE("Old and new release take over from each other while the shop writes, without a loss") {
  OrdersTable orders;
  const auto next_release = testing::next_release();
  auto node = start(orders, kThisRelease);
  node->wait_until_ready();
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

  // Its program knows a schema that is not there yet.
  auto next = start(orders, next_release);
  REQUIRE(eventually(
      [&] { return next->get("/readyz").body.find("schema_too_old") != std::string::npos; }));
  const auto migrated =
      run_ordercast({"migrate", "--database", orders.database().url()}, {.program = next_release});
  INFO(migrated.err);
  REQUIRE(migrated.code == 0);
  next->wait_until_ready();

  // Side by side on the new schema, also on new connections.
  REQUIRE(orders.terminate_sessions() > 1);
  for (const auto& each : {&node, &next}) {
    REQUIRE(eventually([&] { return follows_again(**each); }));
  }

  int moves = 0;
  const auto take_over = [&](std::unique_ptr<ServedNode> other) {
    other->wait_until_ready();
    balancer = other->port();
    node->process().signal(SIGTERM);
    CHECK(node->process().wait().success());
    node = std::move(other);
    ++moves;
    REQUIRE(eventually([&] { return serves_all(*node); }));
  };
  take_over(std::move(next));
  take_over(start(orders, kThisRelease));
  take_over(start(orders, next_release));
  stop = true;
  writer.get();
  for (auto& follower : followers) CHECK(follower.get() == moves);
  const Committed committed(orders);
  for (const auto& client : clients) check_told_all(*client, committed);
}

}  // namespace
}  // namespace ordercast
