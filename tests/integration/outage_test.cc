// The database is away for a while, or has no room: streams stay open, are told, and lose nothing.
#include <fmt/format.h>

#include <algorithm>
#include <catch2/catch.hpp>
#include <memory>
#include <string>
#include <vector>

#include "pg/schema.h"
#include "support/event_client.h"
#include "support/eventually.h"
#include "support/node.h"
#include "support/orders_table.h"
#include "support/random_writers.h"
#include "support/temp_dir.h"
#include "support/told.h"

namespace ordercast {
namespace {

using namespace testing;
using Stop = pg::LocalCluster::Stop;

int attempts(ServedNode& node) {
  const auto text = node.process().stderr_text();
  int count = 0;
  for (auto at = text.find("trying again"); at != text.npos; at = text.find("trying again", at + 1))
    ++count;
  return count;
}

TEST_CASE("Writes right after an outage reach all streams that were open, exactly once") {
  const auto how = GENERATE(Stop::kFast, Stop::kKill);
  const auto seed = test_seed();
  INFO("ORDERCAST_TEST_SEED=" << seed);
  OrdersTable orders;
  ServedNode node(orders.database());
  constexpr int kClients = 10;
  std::vector<std::unique_ptr<EventClient>> clients;
  for (int i = 0; i < kClients; ++i) {
    clients.push_back(
        std::make_unique<EventClient>(node.port(), EventClientOptions{.from_empty = true}));
  }
  RandomWriters(orders.database().url(), {.writers = 2, .transactions = 20, .seed = seed}).join();

  test_cluster().stop(how);
  for (auto& client : clients) client->take_until([&] { return client->count("status") == 1; });
  // So long that it has begun to ask less often.
  constexpr int kAttempts = 5;
  REQUIRE(eventually([&] { return attempts(node) >= kAttempts; }));
  test_cluster().start();
  RandomWriters(orders.database().url(),
                {.writers = 2, .transactions = 50, .round = 1, .seed = seed})
      .join();
  orders.exec("INSERT INTO orders (id) VALUES (-1)");

  const Committed committed(orders);
  for (auto& client : clients) {
    client->take_until([&] { return client->last_seq() == committed.last_seq(); });
    check_told_all(*client, committed);
    CHECK(client->count("status") == 2);  // down, up
    CHECK(client->count("reset") == 0);
  }
}

TEST_CASE(
    "A client that comes while the database is away is told, and has its rows when it is back") {
  OrdersTable orders;
  orders.exec("INSERT INTO orders (id) VALUES (1), (2)");
  ServedNode node(orders.database(), {"--heartbeat-ms", "200"});
  test_cluster().stop();
  REQUIRE(eventually([&] { return !node.ready(); }));
  EventClient client(node.port(), {.query = "snapshot=true"});
  // Told again in place of heartbeats.
  client.take_until([&] { return client.count("status") == 3; });
  CHECK(client.rows().empty());
  test_cluster().start();
  client.take_until([&] { return client.count("ready") == 1; });
  CHECK(client.rows() == orders.rows());
  orders.exec("INSERT INTO orders (id) VALUES (3)");
  client.expect("insert");
  CHECK(client.rows() == orders.rows());
  CHECK(client.faults() == std::vector<std::string>{});
}

// A server with few places, and sessions that take those that are free.
class CrowdedServer {
 public:
  CrowdedServer() : cluster_({.data_dir = dir_.path() / "pg", .settings = settings()}) {
    pqxx::connection connection(cluster_.conninfo());
    pg::migrate(connection);
    pqxx::nontransaction(connection)
        .exec(
            "CREATE TABLE public.orders (id int PRIMARY KEY); SELECT "
            "ordercast.watch('public.orders')");
  }

  [[nodiscard]] std::string conninfo() const { return cluster_.conninfo(); }
  void fill() {
    for (;;) {
      try {
        sessions_.push_back(std::make_unique<pqxx::connection>(cluster_.conninfo()));
      } catch (const pqxx::broken_connection&) {
        return;
      }
    }
  }
  // Ends the node's sessions and takes their places, until all places are ours; it may be faster
  // and come back, with a session that is not listed before it has begun.
  void push_out_node() {
    do {
      exec("SELECT pg_terminate_backend(pid, 5000)" + kOfNode);
      fill();
    } while (sessions_.size() < kPlaces);
  }
  void make_room() { sessions_.resize(1); }
  pqxx::result exec(const std::string& sql) {
    return pqxx::nontransaction(*sessions_.front()).exec(sql);
  }

 private:
  static std::vector<std::pair<std::string, std::string>> settings() {
    auto settings = fast_settings();
    settings.emplace_back("max_connections", std::to_string(kPlaces));
    // Its processes would come and go among ours.
    settings.emplace_back("autovacuum", "off");
    settings.emplace_back("max_parallel_workers", "0");
    return settings;
  }
  static constexpr std::size_t kPlaces = 12;
  inline static const std::string kOfNode =
      " FROM pg_stat_activity WHERE application_name LIKE 'ordercast%'"
      " AND pid <> pg_backend_pid() AND backend_type = 'client backend'";

  TempDir dir_{server_root()};
  pg::LocalCluster cluster_;
  std::vector<std::unique_ptr<pqxx::connection>> sessions_;
};

TEST_CASE("A database without a free connection: streams go on, or wait until there is room") {
  CrowdedServer server;
  ServedNode node({"serve", "--database", server.conninfo()});
  node.wait_until_ready();
  EventClient client(node.port(), {.from_empty = true});

  // The node has its connection, and needs no other one for those who are there.
  server.fill();
  server.exec("INSERT INTO orders VALUES (1)");
  CHECK(client.expect("insert").at("key").at("id") == 1);
  CHECK(node.ready());

  server.push_out_node();
  CHECK(client.expect("status").at("database") == "down");
  REQUIRE(eventually(
      [&] { return node.process().stderr_text().find("too many clients") != std::string::npos; }));
  REQUIRE(eventually([&] { return !node.ready(); }));
  CHECK_THAT(node.get("/readyz").body, Catch::Contains("database_down"));
  server.exec("INSERT INTO orders VALUES (2)");

  server.make_room();
  client.take_until([&] { return client.count("insert") == 2; });
  // Down and up, more than once if the node was faster.
  CHECK(client.count("status") % 2 == 0);
  CHECK(client.rows().contains(R"({"id":2})"));
  CHECK(client.faults() == std::vector<std::string>{});
}

TEST_CASE("A transaction that stays open holds up nobody, and is told when it commits") {
  OrdersTable orders;
  ServedNode node(orders.database());
  EventClient client(node.port(), {.from_empty = true});
  const auto session = orders.session();
  pqxx::work open(*session);
  open.exec("INSERT INTO orders (id) VALUES (1)");
  constexpr int kOthers = 20;
  for (int id = 2; id < 2 + kOthers; ++id) {
    orders.exec(fmt::format("INSERT INTO orders (id) VALUES ({})", id));
    CHECK(client.expect("insert").at("key").at("id") == std::to_string(id));
  }
  // One that comes now, or comes again, neither gets it nor goes past it.
  EventClient newcomer(node.port(), {.query = "snapshot=true"});
  newcomer.take_until([&] { return newcomer.count("ready") == 1; });
  CHECK(newcomer.rows().size() == kOthers);
  client.drop();
  client.resume();

  open.commit();
  for (auto* each : {&client, &newcomer}) {
    CHECK(each->expect("insert").at("key").at("id") == "1");
    CHECK(each->rows() == orders.rows());
  }
  CHECK(client.seqs() == orders.seqs());
}

}  // namespace
}  // namespace ordercast
