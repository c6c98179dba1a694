// A network that is cut without a word: packets vanish, and no end of a connection says so.
#include <unistd.h>

#include <catch2/catch.hpp>
#include <chrono>
#include <fstream>
#include <sstream>
#include <string>
#include <vector>

#include "base/descriptor_limit.h"
#include "base/process_status.h"
#include "base/thread.h"
#include "http/server.h"
#include "http/stream_handler.h"
#include "http/tcp.h"
#include "pg/schema.h"
#include "pg/socket_dir.h"
#include "support/event_client.h"
#include "support/eventually.h"
#include "support/hub_fixture.h"
#include "support/node.h"
#include "support/private_network.h"
#include "support/temp_dir.h"
#include "support/test_database.h"

namespace ordercast {
namespace {

using namespace testing;

bool can_cut() {
  if (::geteuid() == 0) return true;
  WARN("not run: a network of one's own takes root");  // which ctest shows as skipped
  return false;
}

// A PostgreSQL that listens on 127.0.0.1 as well; tests reach it by its socket, cut or not.
class TcpServer {
 public:
  TcpServer() : cluster_({.data_dir = dir_.path() / "pg", .settings = settings()}) {
    allow_tcp();
    pqxx::connection connection(cluster_.conninfo());
    pg::migrate(connection);
    exec(
        "SELECT pg_reload_conf(); CREATE TABLE public.orders (id int PRIMARY KEY);"
        "SELECT ordercast.watch('public.orders')");
  }

  void exec(const std::string& sql) {
    pqxx::connection connection(cluster_.conninfo());
    pqxx::nontransaction(connection).exec(sql);
  }
  [[nodiscard]] static std::string tcp_conninfo() {
    return "host=127.0.0.1 dbname=ordercast user=postgres port=" +
           std::to_string(pg::SocketDir::kPort);
  }

 private:
  static std::vector<std::pair<std::string, std::string>> settings() {
    auto settings = fast_settings();
    settings.emplace_back("listen_addresses", "127.0.0.1");
    return settings;
  }
  // The private server refuses TCP; its first rule for it wins.
  void allow_tcp() const {
    const auto path = cluster_.data_dir().cluster() / "pg_hba.conf";
    std::stringstream rules;
    rules << std::ifstream(path).rdbuf();
    std::ofstream(path) << "host all all 127.0.0.1/32 trust\n" << rules.str();
  }

  TempDir dir_{server_root()};
  pg::LocalCluster cluster_;
};

// The server's own limit is 10 s, and then it tries again every 5 s at least; TCP alone would take
// 15 minutes. What a busy machine takes on top does not matter.
TEST_CASE("A cut between server and database is noticed within seconds, and so is its end") {
  if (!can_cut()) return;
  PrivateNetwork network;
  TcpServer database;
  ServedNode node({"serve", "--database", TcpServer::tcp_conninfo()});
  node.wait_until_ready();
  EventClient client(node.port(), {.from_empty = true});
  database.exec("INSERT INTO orders VALUES (1)");
  client.expect("insert");

  network.cut(pg::SocketDir::kPort);
  database.exec("INSERT INTO orders VALUES (2)");
  const auto down = client.next();
  REQUIRE(down);
  CHECK(down->data == R"({"database":"down"})");
  CHECK(node.get("/readyz").status == 503);

  network.mend();
  const auto up = client.next();
  REQUIRE(up);
  CHECK(up->data == R"({"database":"up"})");
  CHECK(client.expect("insert").at("key").at("id") == 2);
  CHECK(client.faults() == std::vector<std::string>{});
}

// A server that soon finds out who has vanished, without a database.
struct ImpatientServer {
  ImpatientServer() {
    http::add_stream_routes(server, fixture.hub, {});
    server.start("127.0.0.1", 0);
  }
  [[nodiscard]] std::size_t connections() const { return server.counters().open_connections; }
  // Whoever is there goes on being served.
  void check_serves(EventClient& client) {
    fixture.commit_and_publish();
    CHECK(client.next()->type == "insert");
    fixture.hub.close();
    CHECK(server.stop());
  }

  static http::ServerOptions options() {
    http::ServerOptions options;
    options.peer_timeout = std::chrono::seconds(1);
    return options;
  }
  HubFixture fixture{HistoryReader::kPageRows, {.heartbeat = std::chrono::milliseconds(100)}};
  http::Server server{options()};
};

TEST_CASE("A client that vanishes without a word is let go") {
  // By default within 40 s: the next heartbeat, and how long it may stay unacknowledged.
  CHECK(hub::HubOptions{}.heartbeat + http::ServerOptions{}.peer_timeout <
        std::chrono::seconds(40));
  if (!can_cut()) return;
  PrivateNetwork network;
  ImpatientServer served;

  EventClient stays(served.server.port());
  EventClient vanishes(served.server.port());
  REQUIRE(served.connections() == 2);
  network.cut(http::local_address(vanishes.fd()).port);
  CHECK(eventually([&] { return served.connections() == 1; }));
  served.check_serves(stays);
}

TEST_CASE("A crowd that vanishes without a word leaves nothing behind, and others are served") {
  if (!can_cut()) return;
  constexpr std::size_t kCrowd = kSanitizerStackFactor > 1 ? 100 : 1'000;
  // Both ends are ours.
  REQUIRE(raise_descriptor_limit() > 2 * kCrowd + 200);
  PrivateNetwork network;
  ImpatientServer served;

  const auto idle = process_status();
  std::vector<RawConnection> crowd;
  for (std::size_t i = 0; i < kCrowd; ++i) {
    crowd.emplace_back(served.server.port());
    crowd.back().send("GET /v1/streams/orders HTTP/1.1\r\nHost: x\r\n\r\n");
  }
  for (auto& client : crowd) client.read_until("event: hello");
  REQUIRE(served.connections() == kCrowd);
  REQUIRE(process_status().threads >= kCrowd);

  network.cut(served.server.port());
  CHECK(eventually([&] { return served.connections() == 0; }));
  CHECK(served.fixture.hub.status().subscribers == 0);
  CHECK(eventually([&] {
    const auto now = process_status();
    return now.threads <= idle.threads && now.open_fds <= idle.open_fds + kCrowd;
  }));

  network.mend();
  EventClient next(served.server.port());
  served.check_serves(next);
}

}  // namespace
}  // namespace ordercast
