// A crash of PostgreSQL takes back transaction ids: those of transactions that were rolled back, or
// still running, and of which nothing had reached the disk, are given out again.
#include <fmt/format.h>

#include <catch2/catch.hpp>
#include <csignal>
#include <string>
#include <utility>
#include <vector>

#include "pg/local_cluster.h"
#include "pg/schema.h"
#include "support/event_client.h"
#include "support/node.h"
#include "support/temp_dir.h"

namespace ordercast {
namespace {

using namespace testing;

// A server that keeps what is not committed in memory for as long as a test takes.
class ForgetfulServer {
 public:
  using Settings = std::vector<std::pair<std::string, std::string>>;

  explicit ForgetfulServer(const Settings& more = {})
      : cluster_({.data_dir = dir_.path() / "pg", .settings = settings(more)}) {
    pqxx::connection connection(cluster_.conninfo());
    pg::migrate(connection);
    exec(
        "CREATE TABLE public.orders (id int PRIMARY KEY); SELECT ordercast.watch('public.orders')");
    exec("INSERT INTO orders VALUES (1)");
    exec("CHECKPOINT");
    // Else it would write after 10 s, or when a page (8 kB) is full.
    wal_writer_ =
        std::stoi(exec("SELECT pid FROM pg_stat_activity WHERE backend_type = 'walwriter'"));
    ::kill(wal_writer_, SIGSTOP);
  }
  ~ForgetfulServer() { end_stop_of_wal_writer(SIGCONT); }
  ForgetfulServer(const ForgetfulServer&) = delete;
  ForgetfulServer& operator=(const ForgetfulServer&) = delete;

  void crash() {
    cluster_.stop(pg::LocalCluster::Stop::kKill);
    end_stop_of_wal_writer(SIGKILL);  // it would write before it finds that its server has gone
    cluster_.start();
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
  static Settings settings(const Settings& more) {
    auto settings = fast_settings();
    settings.emplace_back("autovacuum", "off");
    settings.emplace_back("bgwriter_lru_maxpages", "0");
    settings.insert(settings.end(), more.begin(), more.end());
    return settings;
  }

  void end_stop_of_wal_writer(int signal) {
    if (const pid_t process = std::exchange(wal_writer_, 0)) ::kill(process, signal);
  }

  TempDir dir_;
  pg::LocalCluster cluster_;
  pid_t wal_writer_ = 0;
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
  server.crash();
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

// What a client was sent is not there any more, and others have its ids: whatever follows does not
// join.
TEST_CASE(
    "A crash that takes back commits is told to clients, however far the database has gone on") {
  ForgetfulServer server(ForgetfulServer::Settings{{"synchronous_commit", "off"}});
  std::string cursor;
  std::int64_t forgotten = 0;
  {
    ServedNode node({"serve", "--database", server.cluster().conninfo()});
    node.wait_until_ready();
    EventClient client(node.port());
    forgotten = server.commit(2);
    CHECK(client.expect("insert").at("key").at("id") == 2);
    cursor = client.cursor();
  }
  server.crash();
  REQUIRE(std::stoi(server.exec("SELECT count(*) FROM orders WHERE id = 2")) == 0);
  // Until another transaction has the same id, and is in the log with it.
  for (int id = 10; server.commit(id) < forgotten;) ++id;

  ServedNode node({"serve", "--database", server.cluster().conninfo()});
  node.wait_until_ready();
  EventClient client(node.port(), {.query = "snapshot=true", .cursor = cursor});
  CHECK(client.expect("reset").at("reason") == "epoch");
  client.take_until([&] { return client.count("ready") == 1; });
  CHECK(client.rows().size() == std::stoul(server.exec("SELECT count(*) FROM orders")));
  // That was once. The next crash is another one.
  const auto before = client.cursor();
  EventClient again(node.port(), {.cursor = before});
  CHECK(again.hello().at("resumed") == true);
}

TEST_CASE("The log that a dump has brought from another cluster is not taken for this one's") {
  ForgetfulServer server;
  std::string cursor;
  {
    ServedNode node({"serve", "--database", server.cluster().conninfo()});
    node.wait_until_ready();
    EventClient client(node.port());
    server.commit(2);
    client.expect("insert");
    cursor = client.cursor();
  }
  // As pg_restore leaves it: ids of transactions that this cluster comes to much later.
  server.exec(
      "UPDATE ordercast.home SET system_identifier = 1;"
      "UPDATE ordercast.history SET floor_tx = '1000000000000';"
      "UPDATE ordercast.change_log SET tx = '2000000000000'");
  ServedNode node({"serve", "--database", server.cluster().conninfo()});
  node.wait_until_ready();
  EventClient client(node.port(), {.query = "snapshot=true", .cursor = cursor});
  CHECK(client.expect("reset").at("reason") == "epoch");
  client.take_until([&] { return client.count("ready") == 1; });
  CHECK(client.rows().size() == 2);
  server.commit(3);
  CHECK(client.expect("insert").at("key").at("id") == 3);
  CHECK(std::stoi(server.exec("SELECT count(*) FROM ordercast.change_log")) == 1);
}

}  // namespace
}  // namespace ordercast
