// What a node takes of a database's connections, whatever its load; and that it finds the server
// among several hosts.
#include <fmt/format.h>

#include <algorithm>
#include <atomic>
#include <catch2/catch.hpp>
#include <future>
#include <memory>
#include <string>
#include <thread>
#include <vector>

#include "support/event_client.h"
#include "support/eventually.h"
#include "support/node.h"
#include "support/orders_table.h"

namespace ordercast {
namespace {

using namespace testing;

// Counts a node's sessions, all the time, in a thread of its own.
class SessionCount {
 public:
  explicit SessionCount(const OrdersTable& orders) : session_(orders.session()) {
    thread_ = std::thread([this] {
      while (!done_) {
        // With the parallel workers of its queries, which carry a session's name.
        const int now =
            pqxx::nontransaction(*session_)
                .exec1(
                    "SELECT count(*) FROM pg_stat_activity WHERE datname = current_database()"
                    " AND application_name = 'ordercast'")[0]
                .as<int>();
        most_ = std::max(most_.load(), now);
      }
    });
  }
  ~SessionCount() {
    if (thread_.joinable()) thread_.join();
  }
  int most() {
    done_ = true;
    thread_.join();
    return most_;
  }

 private:
  std::unique_ptr<pqxx::connection> session_;
  std::atomic<bool> done_ = false;
  std::atomic<int> most_ = 0;
  std::thread thread_;
};

TEST_CASE("A node takes four connections at most, however many resume, ask for rows and write") {
  constexpr int kEach = 20 / kSlowness;
  constexpr int kRows = 3000 / kSlowness;
  OrdersTable orders;
  orders.exec(fmt::format("INSERT INTO orders (id) SELECT n FROM generate_series(1, {}) n", kRows));
  const ServedNode node(orders.database(), {"--desk", "--max-connections-per-address", "1000"});
  SessionCount sessions(orders);

  std::vector<std::unique_ptr<EventClient>> resuming;
  std::vector<std::unique_ptr<EventClient>> showing;
  std::vector<std::future<int>> writers;
  for (int i = 0; i < kEach; ++i) {
    // Views of their own, so that none shares what another has read.
    const auto view = fmt::format("id=gte.{}", i % 2);
    resuming.push_back(std::make_unique<EventClient>(
        node.port(), EventClientOptions{.query = view, .cursor = "earliest", .filtered = true}));
    showing.push_back(std::make_unique<EventClient>(
        node.port(),
        EventClientOptions{.query = fmt::format("id=gt.{}&snapshot=true", i), .filtered = true}));
    writers.push_back(std::async(std::launch::async, [&node, i] {
      return fetch(node.port(), "POST", "/v1/orders",
                   fmt::format(R"({{"id":"{}"}})", 1'000'000 + i),
                   {{"Content-Type", "application/json"}})
          .status;
    }));
  }
  int written = 0;
  for (auto& writer : writers) {
    const int status = writer.get();
    // 503 to who has had no turn within 5 s: on a slow machine the last of them.
    CHECK((status == 201 || status == 503));
    written += status == 201;
  }
  CHECK(written > 0);
  for (auto& client : resuming) {
    client->take_until([&] { return client->count("insert") >= kRows; });
  }
  for (auto& client : showing) {
    client->take_until([&] { return client->count("ready") == 1; });
  }
  const int most = sessions.most();
  CHECK(most <= 4);
  CHECK(most >= 3);  // who follows the log, who reads it for others, who writes
}

TEST_CASE("Of several hosts the first that answers, and is a primary, is taken") {
  OrdersTable orders;
  const auto session = orders.session();
  // Nobody listens on port 1. TLS is asked for where there is any: a socket has none.
  const auto hosts = fmt::format(
      "host=127.0.0.1,{} port=1,{} dbname={} user={} target_session_attrs=read-write "
      "sslmode=prefer",
      session->hostname(), session->port(), session->dbname(), session->username());
  ServedNode node({"serve", "--database", hosts});
  node.wait_until_ready();
  EventClient client(node.port(), {.cursor = "earliest"});
  orders.exec("INSERT INTO orders (id) VALUES (1)");
  client.take_until([&] { return client.count("insert") == 1; });
  // And again after its connections have broken.
  REQUIRE(orders.terminate_sessions() > 0);
  orders.exec("INSERT INTO orders (id) VALUES (2)");
  client.take_until([&] { return client.count("insert") == 2; });
  CHECK(run_ordercast({"migrate", "--check", "--database", hosts}).code == 0);
}

}  // namespace
}  // namespace ordercast
