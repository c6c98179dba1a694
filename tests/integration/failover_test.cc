// A standby that replicates asynchronously is promoted, and lacks what clients were already sent.
#include <fmt/format.h>

#include <catch2/catch.hpp>
#include <optional>
#include <string>

#include "pg/binaries.h"
#include "pg/data_dir.h"
#include "pg/local_cluster.h"
#include "pg/schema.h"
#include "pg/server_user.h"
#include "support/event_client.h"
#include "support/eventually.h"
#include "support/node.h"
#include "support/temp_dir.h"
#include "support/test_database.h"

namespace ordercast {
namespace {

using namespace testing;

std::string scalar(const std::string& conninfo, const std::string& sql) {
  pqxx::connection connection(conninfo);
  const auto result = pqxx::nontransaction(connection).exec(sql);
  return result.empty() || result[0][0].is_null() ? "" : result[0][0].c_str();
}

void insert(pg::LocalCluster& cluster, int id) {
  scalar(cluster.conninfo(), fmt::format("INSERT INTO orders VALUES ({})", id));
}

Rows rows_of(pg::LocalCluster& cluster) {
  pqxx::connection connection(cluster.conninfo());
  Rows rows;
  for (const auto& row : pqxx::nontransaction(connection).exec("SELECT id FROM orders")) {
    const auto json = fmt::format(R"({{"id":{}}})", row[0].c_str());
    rows.emplace(json, json);
  }
  return rows;
}

// A primary with a watched table `orders` of one row, and its standby.
class Pair {
 public:
  Pair() {
    {
      pqxx::connection connection(primary_.conninfo());
      pg::migrate(connection);
    }
    scalar(primary_.conninfo(),
           "CREATE TABLE public.orders (id int PRIMARY KEY);"
           "SELECT ordercast.watch('public.orders'); INSERT INTO orders VALUES (1)");
    copy_primary();
    standby_.emplace(options("standby"));
    REQUIRE(scalar(standby_->conninfo(), "SELECT pg_is_in_recovery()") == "t");
    conninfo_ = fmt::format(
        "host={},{} port={},{} dbname=ordercast user=postgres target_session_attrs=read-write",
        host(primary_), host(*standby_), pg::SocketDir::kPort, pg::SocketDir::kPort);
  }

  pg::LocalCluster& primary() { return primary_; }
  pg::LocalCluster& standby() { return *standby_; }

  // From here on the standby gets nothing.
  void cut_replication() {
    // One that has yet to begin would begin with what it has read of the settings before.
    REQUIRE(eventually([&] { return receivers("status = 'streaming'") == "1"; }));
    scalar(standby_->conninfo(), "ALTER SYSTEM SET primary_conninfo = ''");
    scalar(standby_->conninfo(), "SELECT pg_reload_conf()");
    REQUIRE(eventually([&] { return receivers("true") == "0"; }));
  }
  void fail_over() {
    primary_.stop(pg::LocalCluster::Stop::kKill);
    REQUIRE(scalar(standby_->conninfo(), "SELECT pg_promote()") == "t");
  }
  // Of both, for a node that finds the primary by itself.
  [[nodiscard]] const std::string& conninfo() const { return conninfo_; }

 private:
  [[nodiscard]] pg::LocalClusterOptions options(const char* name) const {
    return {.data_dir = dir_.path() / name, .settings = fast_settings()};
  }
  static std::string host(const pg::LocalCluster& cluster) {
    pqxx::connection connection(cluster.conninfo());
    return connection.hostname();
  }
  [[nodiscard]] std::string receivers(const std::string& which) const {
    return scalar(standby_->conninfo(), "SELECT count(*) FROM pg_stat_wal_receiver WHERE " + which);
  }
  void copy_primary() const {
    const auto user = pg::ServerUser::choose();
    const pg::DataDir data(options("standby").data_dir, user);
    const auto programs = pg::find_binaries(pg::binary_dirs()).initdb.parent_path();
    TestProcessOptions as_server;
    if (user.other) as_server.run_as = user.ids;
    output_of({programs / "pg_basebackup", "--dbname", primary_.conninfo(), "--pgdata",
               data.cluster(), "--checkpoint", "fast", "--no-sync", "--write-recovery-conf"},
              as_server);
  }

  TempDir dir_{server_root()};
  pg::LocalCluster primary_{options("primary")};
  std::optional<pg::LocalCluster> standby_;
  std::string conninfo_;
};

TEST_CASE("A failover that lost what clients were sent is told to them, and they hold the truth") {
  Pair pair;
  ServedNode node({"serve", "--database", pair.conninfo()});
  node.wait_until_ready();
  EventClient client(node.port(), {.query = "snapshot=true"});
  client.take_until([&] { return client.count("ready") == 1; });
  pair.cut_replication();
  insert(pair.primary(), 2);
  CHECK(client.expect("insert").at("key").at("id") == 2);

  pair.fail_over();
  client.take_until([&] { return client.count("reset") == 1; });
  client.take_until([&] { return client.count("ready") == 2; });
  CHECK(client.rows() == rows_of(pair.standby()));
  CHECK(client.rows().size() == 1);
  insert(pair.standby(), 3);
  client.take_until([&] { return client.rows().size() == 2; });
  CHECK(client.rows() == rows_of(pair.standby()));
  CHECK(client.count("reset") == 1);
  CHECK(client.faults() == std::vector<std::string>{});
}

TEST_CASE("A cursor of the lost history is refused also when the new primary has overtaken it") {
  Pair pair;
  std::string cursor;
  {
    ServedNode node({"serve", "--database", pair.conninfo()});
    node.wait_until_ready();
    EventClient client(node.port());
    pair.cut_replication();
    insert(pair.primary(), 2);
    client.expect("insert");
    cursor = client.cursor();
  }
  const auto next_id = "SELECT pg_snapshot_xmax(pg_current_snapshot())";
  const auto before = std::stoll(scalar(pair.primary().conninfo(), next_id));
  pair.fail_over();
  for (int id = 100; std::stoll(scalar(pair.standby().conninfo(), next_id)) <= before + 10; ++id) {
    insert(pair.standby(), id);
  }

  ServedNode node({"serve", "--database", pair.conninfo()});
  node.wait_until_ready();
  EventClient client(node.port(), {.query = "snapshot=true", .cursor = cursor});
  CHECK(client.expect("reset").at("reason") == "epoch");
  client.take_until([&] { return client.count("ready") == 1; });
  CHECK(client.rows() == rows_of(pair.standby()));
  CHECK(client.rows().count(R"({"id":2})") == 0);
}

}  // namespace
}  // namespace ordercast
