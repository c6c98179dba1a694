// A crash of PostgreSQL takes back transaction ids: those of transactions that were rolled back, or
// still running, and of which nothing had reached the disk, are given out again.
#include <fmt/format.h>

#include <catch2/catch.hpp>
#include <string>

#include "pg/local_cluster.h"
#include "pg/schema.h"
#include "support/event_client.h"
#include "support/node.h"
#include "support/temp_dir.h"

namespace ordercast {
namespace {

using namespace testing;
using Stop = pg::LocalCluster::Stop;

// A server that keeps what is not committed in memory for as long as a test takes.
class ForgetfulServer {
 public:
  ForgetfulServer() : cluster_({.data_dir = dir_.path() / "pg", .settings = settings()}) {
    pqxx::connection connection(cluster_.conninfo());
    pg::migrate(connection);
    exec(
        "CREATE TABLE public.orders (id int PRIMARY KEY); SELECT ordercast.watch('public.orders')");
    exec("INSERT INTO orders VALUES (1)");
    exec("CHECKPOINT");
  }

  pg::LocalCluster& cluster() { return cluster_; }
  std::string exec(const std::string& sql) {
    return output_of({"psql", cluster_.conninfo(), "-XAtq", "-v", "ON_ERROR_STOP=1", "-c", sql});
  }
  // The id of a transaction that is rolled back.
  std::int64_t roll_back() {
    return std::stoll(
        exec("BEGIN; INSERT INTO orders VALUES (0); SELECT pg_current_xact_id(); ROLLBACK"));
  }
  std::int64_t commit(int id) {
    return std::stoll(
        exec(fmt::format("WITH i AS (INSERT INTO orders VALUES ({}) RETURNING 1) "
                         "SELECT pg_current_xact_id() FROM i",
                         id)));
  }

 private:
  static std::vector<std::pair<std::string, std::string>> settings() {
    auto settings = fast_settings();
    // Its longest; only commits write sooner.
    settings.emplace_back("wal_writer_delay", "10s");
    settings.emplace_back("autovacuum", "off");
    return settings;
  }

  TempDir dir_;
  pg::LocalCluster cluster_;
};

TEST_CASE(
    "A transaction with the id of one that was rolled back before a crash is not taken for had") {
  ForgetfulServer server;
  constexpr int kRolledBack = 5;
  std::int64_t forgotten = 0;
  std::string cursor;
  {
    ServedNode node({"serve", "--database", server.cluster().conninfo()});
    node.wait_until_ready();
    for (int i = 0; i < kRolledBack; ++i) forgotten = server.roll_back();
    EventClient client(node.port(), {.query = "snapshot=true"});
    client.take_until([&] { return client.count("ready") == 1; });
    cursor = client.cursor();
  }
  server.cluster().stop(Stop::kKill);
  server.cluster().start();
  std::int64_t again = 0;
  for (int i = 0; i < 2 * kRolledBack; ++i) {
    const auto tx = server.commit(100 + i);
    if (tx == forgotten) again = tx;
  }
  REQUIRE(again == forgotten);  // else this test shows nothing

  ServedNode node({"serve", "--database", server.cluster().conninfo()});
  node.wait_until_ready();
  EventClient client(node.port(), {.cursor = cursor});
  for (int i = 0; i < 2 * kRolledBack; ++i) {
    CHECK(client.expect("insert").at("key").at("id") == 100 + i);
  }
}

}  // namespace
}  // namespace ordercast
