// The server's sessions are ended under it, again and again, while orders are written.
#include <catch2/catch.hpp>
#include <memory>
#include <string>
#include <vector>

#include "support/event_client.h"
#include "support/eventually.h"
#include "support/node.h"
#include "support/orders_table.h"
#include "support/random_writers.h"
#include "support/told.h"

namespace ordercast {
namespace {

using namespace testing;

TEST_CASE("Nothing is lost or doubled when the sessions of listener and readers are ended") {
  const auto seed = test_seed();
  INFO("ORDERCAST_TEST_SEED=" << seed);
  OrdersTable orders;
  ServedNode node(orders.database());
  // The first one lives on what the listener reads; the others come later and read the history.
  std::vector<std::unique_ptr<EventClient>> clients;
  clients.push_back(
      std::make_unique<EventClient>(node.port(), EventClientOptions{.from_empty = true}));
  const auto begin = clients.front()->cursor();

  constexpr int kKills = 30;
  constexpr std::size_t kReaders = 10;
  for (int kill = 0; kill < kKills; ++kill) {
    RandomWriters writers(orders.database().url(),
                          {.writers = 2, .transactions = 10, .round = kill, .seed = seed});
    node.wait_until_ready();
    // It may not have noticed the last time yet.
    REQUIRE(eventually([&] { return orders.terminate_sessions() > 0; }));
    if (clients.size() < kReaders) {
      clients.push_back(std::make_unique<EventClient>(
          node.port(), EventClientOptions{.cursor = begin, .from_empty = true}));
    }
    writers.join();
    for (auto& client : clients) client->take_all();
  }
  orders.exec("INSERT INTO orders (id) VALUES (-1)");
  const Committed committed(orders);
  for (auto& client : clients) {
    client->take_until([&] { return client->last_seq() == committed.last_seq(); });
    check_told_all(*client, committed);
    CHECK(client->count("reset") == 0);
  }
  CHECK(clients.front()->count("status") >= 2);
}

TEST_CASE("A snapshot is served after the sessions that read rows were ended") {
  OrdersTable orders;
  orders.exec("INSERT INTO orders (id) VALUES (1)");
  ServedNode node(orders.database());
  for (int i = 0; i < 3; ++i) {
    EventClient client(node.port(), {.query = "snapshot=true"});
    client.take_until([&] { return client.count("ready") == 1; });
    CHECK(client.rows() == orders.rows());
    REQUIRE(eventually([&] { return orders.terminate_sessions() > 0; }));
  }
}

}  // namespace
}  // namespace ordercast
