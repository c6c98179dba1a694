// docs/security.md row 26: the password of the database is in no log, no answer and no list of
// processes, whatever goes wrong.
#include <fmt/format.h>

#include <catch2/catch.hpp>
#include <csignal>
#include <fstream>
#include <iterator>
#include <string>
#include <vector>

#include "support/event_client.h"
#include "support/eventually.h"
#include "support/node.h"
#include "support/orders_table.h"

namespace ordercast {
namespace {

using namespace testing;
using Catch::Contains;

constexpr char kSecret[] = "hunter2";

TestProcessOptions with_database(const std::string& conninfo) {
  return {.environment = {{"ORDERCAST_DATABASE", conninfo}}};
}

// Those that there are stay.
void allow_sessions(const TestDatabase& database, bool allowed) {
  pqxx::connection elsewhere(test_cluster().conninfo("postgres"));
  pqxx::nontransaction(elsewhere).exec(
      fmt::format("ALTER DATABASE {} ALLOW_CONNECTIONS {}", database.name(), allowed));
}

std::string command_line(pid_t process) {
  std::ifstream file(fmt::format("/proc/{}/cmdline", process));
  return {std::istreambuf_iterator<char>(file), {}};
}

// Each is malformed in a way that libpq's message quotes.
std::vector<std::string> malformed_connection_strings() {
  return {"host=127.0.0.1 port=1 password=a hunter2",
          "host=127.0.0.1 port=1 password='hunter2",
          "password=hunter2 hunter2=x",
          "host=127.0.0.1 port=hunter2",
          "postgresql://shop:hunter2%zz@127.0.0.1:1/shop",
          "postgresql://shop:a@hunter2@127.0.0.1:1/shop",
          "postgresql://shop:a/hunter2@127.0.0.1:1/shop",
          "postgresql://shop:a#hunter2@127.0.0.1:1/shop",
          "postgresql://shop:hunter2@127.0.0.1:1/shop?hunter2",
          "postgresql://shop:hunter2@127.0.0.1:1/shop?hunter2=1",
          "postgresql://shop:[hunter2@127.0.0.1:1/shop",
          "postgresql://shop@127.0.0.1:hunter2/shop",
          "postgres:/shop:hunter2@127.0.0.1/shop",
          "jdbc:postgresql://127.0.0.1:1/shop?password=hunter2"};
}

}  // namespace

TEST_CASE("A server's password is in nothing that it says, whatever happens to it") {
  OrdersTable orders;
  orders.exec("INSERT INTO orders (id) VALUES (1)");
  const auto conninfo = orders.database().url() + " password=" + kSecret;
  ServedNode node({"serve", "--desk"}, with_database(conninfo));
  node.wait_until_ready();
  EventClient client(node.port(), {.query = "snapshot=true"});
  client.expect("insert");
  client.expect("ready");

  // The sessions are lost, the database takes none, a statement fails, then all is well again.
  orders.exec("ALTER TABLE orders ADD CHECK (id < 10)");
  allow_sessions(orders.database(), false);
  REQUIRE(orders.terminate_sessions() > 0);
  // A limit of connections would not hold for the superuser, who would be back within 0.1 s: too
  // soon for a slow machine to have told its clients.
  client.take_until([&] { return client.count("status") > 0; });
  allow_sessions(orders.database(), true);
  node.wait_until_ready();
  std::string answers;
  for (const auto* path : {"/livez", "/readyz", "/v1/streams", "/v1/orders", "/v1/orders/2",
                           "/v1/streams/none", "/v1/streams/orders?id=eq.x", "/none"}) {
    answers += node.get(path).body;
  }
  answers += fetch(node.port(), "POST", "/v1/orders", R"({"id":"11"})",
                   {{"Content-Type", "application/json"}})
                 .body;
  CHECK_THAT(answers, Contains("unknown_stream") && !Contains(kSecret));
  CHECK_THAT(command_line(node.process().pid()), Contains("serve") && !Contains(kSecret));
  CHECK(orders.database().scalar(fmt::format(
            "SELECT count(*) FROM pg_stat_activity WHERE concat(application_name, ' ', usename) "
            "LIKE '%{}%'",
            kSecret)) == "0");
  CHECK(node.stop(SIGTERM).success());
  CHECK_THAT(node.process().stderr_text(), Contains("trying again") && !Contains(kSecret));
  CHECK_THAT(node.process().read_rest(), !Contains(kSecret));
}

TEST_CASE("A connection string that cannot be used is not shown by any command") {
  for (const auto& conninfo : malformed_connection_strings()) {
    INFO(conninfo);
    for (const std::vector<std::string>& command :
         std::vector<std::vector<std::string>>{{"migrate"}, {"watch", "orders"}, {"retention"}}) {
      const auto result = run_ordercast(command, with_database(conninfo));
      CHECK(result.code == 1);
      CHECK_FALSE(result.err.empty());
      CHECK_THAT(result.out + result.err, !Contains(kSecret));
    }
  }
}

TEST_CASE("A server that refuses a database on the way to which all can read does not show it") {
  const auto refused = run_ordercast(
      {"serve"},
      with_database("postgresql://shop:a@" + std::string(kSecret) + "@127.0.0.1:1/shop"));
  CHECK(refused.code == 1);
  CHECK_THAT(refused.err, Contains("sslmode=verify-full") && !Contains(kSecret));
}

TEST_CASE("A server that cannot use its connection string does not show it either") {
  for (const auto& conninfo : malformed_connection_strings()) {
    INFO(conninfo);
    ServedNode node({"serve", "--allow-insecure-database"}, with_database(conninfo));
    REQUIRE(eventually(
        [&] { return node.process().stderr_text().find("trying again") != std::string::npos; }));
    CHECK_THAT(node.process().stderr_text(), !Contains(kSecret));
    CHECK_THAT(node.get("/readyz").body, !Contains(kSecret));
    CHECK(node.stop(SIGTERM).success());
  }
}

}  // namespace ordercast
