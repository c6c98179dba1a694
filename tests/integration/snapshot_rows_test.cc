// snapshot=true: the rows that are there, then every change after them, without a gap or an
// overlap.
#include <atomic>
#include <catch2/catch.hpp>
#include <future>
#include <memory>
#include <vector>

#include "base/thread.h"
#include "support/event_client.h"
#include "support/eventually.h"
#include "support/node.h"
#include "support/orders_table.h"
#include "support/random_writers.h"

namespace ordercast {
namespace {

using namespace testing;

// Under any of them: their allocators serve one thread at a time.
constexpr bool kSanitized = kSanitizerStackFactor != 1;

TEST_CASE("The rows of an empty table are none, then ready comes") {
  OrdersTable orders;
  ServedNode node(orders.database());
  EventClient client(node.port(), {.query = "snapshot=true"});
  CHECK(client.hello().at("snapshot") == true);
  CHECK(client.hello().at("resumed") == false);
  client.expect("ready");
  orders.exec("INSERT INTO orders (id) VALUES (1)");
  client.expect("insert");
  CHECK(client.rows() == orders.rows());
}

TEST_CASE("A client that resumes gets no rows again") {
  OrdersTable orders;
  orders.exec("INSERT INTO orders (id) VALUES (1), (2)");
  ServedNode node(orders.database());
  EventClient client(node.port(), {.query = "snapshot=true"});
  client.take_until([&] { return client.count("ready") == 1; });
  client.drop();
  orders.exec("INSERT INTO orders (id) VALUES (3)");
  client.resume();
  CHECK(client.hello().at("snapshot") == false);
  CHECK(client.hello().at("resumed") == true);
  CHECK(client.expect("insert").at("key").at("id") == "3");
  CHECK(client.rows() == orders.rows());
  CHECK(client.faults().empty());
}

TEST_CASE("A client that was cut among the rows gets all of them again") {
  OrdersTable orders;
  orders.exec("INSERT INTO orders (id) SELECT generate_series(1, 100)");
  ServedNode node(orders.database());
  EventClient client(node.port(), {.query = "snapshot=true"});
  for (int i = 0; i < 10; ++i) client.expect("insert");
  client.drop();
  orders.exec("DELETE FROM orders WHERE id <= 50");
  client.resume();
  CHECK(client.hello().at("snapshot") == true);
  client.take_until([&] { return client.count("ready") == 1; });
  CHECK(client.rows() == orders.rows());
  CHECK(client.faults().empty());
}

TEST_CASE("A table of many rows arrives whole") {
  OrdersTable orders;
  constexpr int kRows =
      20'000;  // twenty pages; more text than the server keeps in memory for a client
  orders.exec(
      "INSERT INTO orders (id, note) SELECT g, repeat('n', g % 200) FROM generate_series(1, " +
      std::to_string(kRows) + ") g");
  ServedNode node(orders.database());
  EventClient client(node.port(), {.query = "snapshot=true"});
  client.take_until([&] { return client.count("ready") == 1; });
  CHECK(client.count("insert") == kRows);
  CHECK(client.rows() == orders.rows());
  CHECK(client.faults().empty());
}

TEST_CASE("Rows and later changes fold to the table, whenever the client came") {
  const auto seed = test_seed();
  INFO("ORDERCAST_TEST_SEED=" << seed);
  OrdersTable orders;
  ServedNode node(orders.database());
  RandomWriters writers(orders.database().url(),
                        {.transactions = kSanitized ? 40 : 150, .seed = seed});
  std::vector<std::unique_ptr<EventClient>> clients;
  // One after another, as long as the writers write.
  constexpr std::size_t kClients = kSanitized ? 10 : 40;
  while (writers.running()) {
    if (clients.size() < kClients) {
      clients.push_back(
          std::make_unique<EventClient>(node.port(), EventClientOptions{.query = "snapshot=true"}));
    }
    for (auto& client : clients) client->take_all();
  }
  writers.join();
  CHECK(clients.size() > 3);
  // Marks the end: as a change, or among the rows of a client whose turn came so late.
  orders.exec("INSERT INTO orders (id) VALUES (-1)");
  const std::string mark = R"({"id":"-1"})";
  const auto rows = orders.rows();
  for (const auto& client : clients) {
    client->take_until(
        [&] { return client->count("ready") == 1 && client->rows().contains(mark); });
    CHECK(client->rows() == rows);
    CHECK(client->faults() == std::vector<std::string>{});
  }
}

TEST_CASE(
    "A crowd that asks for the rows at once costs a few queries, and each folds to the table") {
  const auto seed = test_seed();
  INFO("ORDERCAST_TEST_SEED=" << seed);
  OrdersTable orders;
  orders.exec("INSERT INTO orders (id) SELECT -g FROM generate_series(2, 3000) g");
  // Each query for rows calls ordercast.open_rows once.
  orders.exec("ALTER DATABASE " + orders.database().name() + " SET track_functions = 'all'");
  ServedNode node(orders.database());
  RandomWriters writers(orders.database().url(),
                        {.transactions = RandomWritersOptions::kUntilStopped,
                         .seed = seed,
                         .pause = std::chrono::milliseconds(kSanitized ? 100 : 10)});
  // Each takes every change apart, for which the sanitizers take very long.
  constexpr int kClients = kSanitized ? 16 : 200;
  constexpr int kFewQueries = kSanitized ? 12 : 40;
  std::atomic<int> ready = 0;
  const std::string mark = R"({"id":"-1"})";
  std::vector<std::future<std::unique_ptr<EventClient>>> crowd;
  for (int i = 0; i < kClients; ++i) {
    crowd.push_back(std::async(std::launch::async, [&] {
      auto client =
          std::make_unique<EventClient>(node.port(), EventClientOptions{.query = "snapshot=true"});
      client->take_until([&] { return client->count("ready") == 1; });
      ++ready;
      client->take_until([&] { return client->rows().contains(mark); });
      return client;
    }));
  }
  CHECK(eventually([&] { return ready == kClients; }));
  writers.stop();
  writers.join();
  orders.exec("INSERT INTO orders (id) VALUES (-1)");
  const auto rows = orders.rows();
  for (auto& each : crowd) {
    const auto client = each.get();
    CHECK(client->rows() == rows);
    CHECK(client->faults() == std::vector<std::string>{});
  }
  const auto queries = [&] {
    return std::stoi(orders.database().scalar(
        "SELECT coalesce(sum(calls), 0) FROM pg_stat_user_functions WHERE funcname = 'open_rows'"));
  };
  REQUIRE(eventually([&] { return queries() > 0; }));
  CHECK(queries() <= kFewQueries);
}

}  // namespace
}  // namespace ordercast
