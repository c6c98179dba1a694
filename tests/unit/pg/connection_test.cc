#include "pg/connection.h"

#include <netinet/in.h>
#include <netinet/tcp.h>
#include <poll.h>
#include <sys/socket.h>
#include <unistd.h>

#include <catch2/catch.hpp>
#include <fstream>

#include "support/temp_dir.h"
#include "support/test_database.h"

namespace ordercast::pg {
namespace {

using Catch::Matchers::Contains;
using testing::TempDir;
using testing::TestDatabase;

std::string show(pqxx::connection& connection, const std::string& setting) {
  return pqxx::nontransaction(connection).exec1("SHOW " + setting)[0].as<std::string>();
}

std::string why_refused(const std::string& conninfo) {
  try {
    (void)connect(conninfo);
    return "connected";
  } catch (const ConnectionFailed& error) {
    return error.what();
  }
}

class Inbox : public pqxx::notification_receiver {
 public:
  explicit Inbox(pqxx::connection& connection)
      : notification_receiver(connection, "ordercast_test") {}
  void operator()(const std::string&, int) override { ++count_; }
  [[nodiscard]] int count() const { return count_; }

 private:
  int count_ = 0;
};

TEST_CASE("Sessions are set up alike whatever the server's defaults") {
  TestDatabase database;
  database.exec("ALTER DATABASE " + database.name() + " SET timezone = 'Asia/Tokyo'");
  const auto connection = connect(database.url());
  CHECK(show(*connection, "timezone") == "UTC");
  CHECK(show(*connection, "search_path") == "pg_catalog, pg_temp");
  CHECK(show(*connection, "client_encoding") == "UTF8");
  CHECK(show(*connection, "application_name") == "ordercast");
  CHECK(show(*connection, "statement_timeout") == "0");
  CHECK(show(*connection, "idle_in_transaction_session_timeout") == "30s");
}

TEST_CASE("What the connection string sets wins over the defaults") {
  TestDatabase database;
  const auto connection = connect(database.url() + " application_name=mine");
  CHECK(show(*connection, "application_name") == "mine");
}

TEST_CASE("A statement that takes longer than asked is cancelled") {
  TestDatabase database;
  const auto connection =
      connect(database.url(), {.statement_timeout = std::chrono::milliseconds(50)});
  CHECK_THROWS_WITH(pqxx::nontransaction(*connection).exec("SELECT pg_sleep(60)"),
                    Contains("statement timeout"));
}

TEST_CASE("A broken connection stays broken instead of coming back on another backend") {
  TestDatabase database;
  const auto connection = connect(database.url());
  Inbox inbox(*connection);
  database.exec("SELECT pg_terminate_backend(" + std::to_string(connection->backendpid()) +
                ", 10000)");
  for (int attempt = 0; attempt < 3; ++attempt) {
    CHECK_THROWS_AS(pqxx::nontransaction(*connection).exec("SELECT 1"), pqxx::broken_connection);
    CHECK_THROWS_AS(connection->await_notification(0, 1000), pqxx::broken_connection);
  }
  CHECK(database.scalar("SELECT count(*) FROM pg_stat_activity WHERE application_name = 'ordercast'"
                        " AND datname = current_database()") == "0");
}

TEST_CASE("A connection at rest shows when its session has ended") {
  TestDatabase database;
  const auto connection = connect(database.url());
  CHECK_FALSE(has_ended(*connection));
  pqxx::nontransaction(*connection).exec("SELECT 1");
  CHECK_FALSE(has_ended(*connection));
  database.exec("SELECT pg_terminate_backend(" + std::to_string(connection->backendpid()) +
                ", 10000)");
  CHECK(has_ended(*connection));
}

TEST_CASE("A listener can wait for notifications with its own poll") {
  TestDatabase database;
  const auto connection = connect(database.url());
  Inbox inbox(*connection);
  pollfd readable{connection->sock(), POLLIN, 0};
  CHECK(::poll(&readable, 1, 0) == 0);
  database.exec("NOTIFY ordercast_test");
  CHECK(::poll(&readable, 1, 10000) == 1);
  CHECK(connection->get_notifs() == 1);
  CHECK(inbox.count() == 1);
}

TEST_CASE("A SQL_ASCII database is refused with what to do") {
  TestDatabase database;
  const auto name = database.name() + "_ascii";
  database.exec("CREATE DATABASE " + name + " TEMPLATE template0 ENCODING 'SQL_ASCII' LOCALE 'C'");
  const auto url = testing::test_cluster().conninfo(name);
  CHECK_THAT(why_refused(url), Contains("SQL_ASCII") && Contains(name) && Contains("UTF8"));
  CHECK_THROWS_AS(connect(url), DatabaseUnfit);
  database.exec("DROP DATABASE " + name + " WITH (FORCE)");
}

TEST_CASE("A standby is refused with what to do") {
  const TempDir temp(testing::server_root());
  LocalCluster cluster({.data_dir = temp.path() / "pg", .settings = testing::fast_settings()});
  cluster.stop();
  std::ofstream(cluster.data_dir().cluster() / "standby.signal").flush();
  cluster.start();
  CHECK_THAT(why_refused(cluster.conninfo()), Contains("standby") && Contains("primary"));
  CHECK_THROWS_AS(connect(cluster.conninfo()), DatabaseUnfit);
}

TEST_CASE("A server that is not there is named, and the cause") {
  CHECK_THAT(why_refused("host=/nowhere dbname=x"),
             Contains("/nowhere/.s.PGSQL") && Contains("No such file"));
}

TEST_CASE("No error shows a password, however the string is broken") {
  const auto conninfo = GENERATE(values<std::string>(
      {"host=/nowhere user=u password=hunter2", "postgresql://u:hunter2@127.0.0.1:1/db",
       "host=/nowhere hunter2", "password='hunter2", "postgresql://u:hunter2%zz@h/db",
       "postgresql://u:x@hunter2@127.0.0.1:1/db", "postgresql://u:x/hunter2@127.0.0.1/db",
       "postgresql://u:x?hunter2@127.0.0.1:hunter2/db", "postgresql://u:x#hunter2@h:hunter2",
       "postgresql://u:x[hunter2@[hunter2/db", "hunter2", "port=hunter2"}));
  const auto error = why_refused(conninfo);
  CHECK(error != "connected");
  CHECK_THAT(error, !Contains("hunter2"));
}

// A server that also listens on a loopback address of its own and asks for passwords there.
class TcpServer {
 public:
  TcpServer()
      : address_("127." + std::to_string(1 + ::getpid() / 65536 % 250) + "." +
                 std::to_string(::getpid() / 256 % 256) + "." + std::to_string(::getpid() % 256)),
        cluster_({.data_dir = temp_.path() / "pg", .settings = settings()}) {
    {
      pqxx::connection admin(cluster_.conninfo());
      pqxx::nontransaction(admin).exec("CREATE ROLE alice LOGIN PASSWORD 'hunter2'");
    }
    std::ofstream(cluster_.data_dir().cluster() / "pg_hba.conf")
        << "local all postgres trust\nhost all all 127.0.0.0/8 scram-sha-256\n";
    cluster_.stop();
    cluster_.start();
  }
  [[nodiscard]] std::string url(const std::string& password) const {
    return "postgresql://alice:" + password + "@" + address_ + "/ordercast";
  }

 private:
  [[nodiscard]] std::vector<std::pair<std::string, std::string>> settings() const {
    auto settings = testing::fast_settings();
    settings.emplace_back("listen_addresses", address_);
    return settings;
  }

  std::string address_;
  TempDir temp_{testing::server_root()};
  LocalCluster cluster_;
};

int tcp_option(pqxx::connection& connection, int name) {
  int value = 0;
  socklen_t size = sizeof value;
  REQUIRE(::getsockopt(connection.sock(), IPPROTO_TCP, name, &value, &size) == 0);
  return value;
}

TEST_CASE(
    "Over TCP a cut network is noticed in time, and descriptions and refusals hide the password") {
  const TcpServer server;
  const auto connection = connect(server.url("hunter2"));
  const std::chrono::milliseconds limit = kNetworkLimit;
  CHECK(tcp_option(*connection, TCP_USER_TIMEOUT) == limit.count());
  CHECK(tcp_option(*connection, TCP_KEEPIDLE) +
            tcp_option(*connection, TCP_KEEPINTVL) * tcp_option(*connection, TCP_KEEPCNT) <=
        kNetworkLimit.count());
  CHECK_THAT(describe(*connection),
             Contains("alice@127.") && Contains(":5432/ordercast") && !Contains("hunter2"));
  CHECK_THAT(why_refused(server.url("xhunter2x")),
             Contains("password authentication failed") && !Contains("hunter2"));
}

}  // namespace
}  // namespace ordercast::pg
