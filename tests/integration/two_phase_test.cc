// Shops that commit in two phases: PostgreSQL refuses to prepare a transaction that has notified.
#include <catch2/catch.hpp>
#include <string>

#include "pg/schema.h"
#include "support/event_client.h"
#include "support/eventually.h"
#include "support/node.h"
#include "support/temp_dir.h"
#include "support/test_database.h"

namespace ordercast {
namespace {

using namespace testing;

class TwoPhaseServer {
 public:
  TwoPhaseServer() : cluster_({.data_dir = dir_.path() / "pg", .settings = settings()}) {
    pqxx::connection connection(cluster_.conninfo());
    pg::migrate(connection);
    exec("CREATE TABLE public.orders (id int PRIMARY KEY)");
    exec("SELECT ordercast.watch('public.orders')");
  }

  pg::LocalCluster& cluster() { return cluster_; }
  void exec(const std::string& sql) {
    pqxx::connection connection(cluster_.conninfo());
    pqxx::nontransaction(connection).exec(sql);
  }
  // As a node that wants to sleep; for as long as this session lasts.
  std::string arm() { return scalar("SELECT ordercast.arm()"); }
  // By the node, which alone is called so. (Who armed to find out would be in its way.)
  bool asked_to_notify() {
    return scalar(
               "SELECT count(*) FROM pg_locks JOIN pg_stat_activity USING (pid)"
               " WHERE locktype = 'advisory' AND mode = 'ExclusiveLock' AND granted"
               "   AND (classid::bigint << 32 | objid::bigint) = ordercast.wake_key()"
               "   AND application_name = 'ordercast'") == "1";
  }

 private:
  std::string scalar(const std::string& sql) {
    pqxx::connection connection(cluster_.conninfo());
    return pqxx::nontransaction(connection).exec1(sql)[0].c_str();
  }
  static std::vector<std::pair<std::string, std::string>> settings() {
    auto settings = fast_settings();
    settings.emplace_back("max_prepared_transactions", "5");
    return settings;
  }

  TempDir dir_{server_root()};
  pg::LocalCluster cluster_;
};

TEST_CASE("A prepared transaction delays nobody, and is told when it commits, also after a crash") {
  TwoPhaseServer server;
  ServedNode node({"serve", "--database", server.cluster().conninfo()});
  node.wait_until_ready();
  EventClient client(node.port(), {.from_empty = true});
  server.exec("BEGIN; INSERT INTO orders VALUES (1); PREPARE TRANSACTION 'first'");
  server.exec("BEGIN; INSERT INTO orders VALUES (2); PREPARE TRANSACTION 'never'");
  server.exec("INSERT INTO orders VALUES (3)");
  CHECK(client.expect("insert").at("key").at("id") == 3);

  server.cluster().stop(pg::LocalCluster::Stop::kKill);
  server.cluster().start();
  server.exec("INSERT INTO orders VALUES (4)");
  client.take_until([&] { return client.count("insert") == 2; });
  server.exec("COMMIT PREPARED 'first'");
  client.take_until([&] { return client.count("insert") == 3; });
  server.exec("ROLLBACK PREPARED 'never'");
  server.exec("INSERT INTO orders VALUES (5)");
  client.take_until([&] { return client.count("insert") == 4; });
  CHECK(client.rows().contains(R"({"id":1})"));
  CHECK_FALSE(client.rows().contains(R"({"id":2})"));
  CHECK(client.faults() == std::vector<std::string>{});

  // A client that left before knows where it was.
  EventClient late(node.port(), {.query = "last_event_id=earliest", .from_empty = true});
  late.take_until([&] { return late.count("insert") == 4; });
  CHECK(late.rows() == client.rows());
}

TEST_CASE("Who never prepares on such a server may ask writers to notify") {
  TwoPhaseServer server;
  const std::string write = "BEGIN; INSERT INTO orders VALUES (1); PREPARE TRANSACTION 'one'";
  const std::string mode = GENERATE("armed", "notify", "poll");
  ServedNode node({"serve", "--database", server.cluster().conninfo(), "--wake", mode});
  node.wait_until_ready();
  if (mode == "poll") {
    CHECK_NOTHROW(server.exec(write));
  } else {
    CHECK(eventually([&] { return server.asked_to_notify(); }));
    CHECK_THROWS_WITH(server.exec(write), Catch::Contains("NOTIFY"));
  }
}

TEST_CASE("What is prepared keeps a node awake until it is committed, also over a crash") {
  TwoPhaseServer server;
  server.exec("BEGIN; INSERT INTO orders VALUES (1); PREPARE TRANSACTION 'one'");
  CHECK(server.arm() == "none");
  server.cluster().stop(pg::LocalCluster::Stop::kKill);
  server.cluster().start();
  CHECK(server.arm() == "none");
  server.exec("COMMIT PREPARED 'one'");
  CHECK(server.arm() == "own");
}

}  // namespace
}  // namespace ordercast
