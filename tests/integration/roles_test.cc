// deploy/roles.sql as it is: an installation in which each role has no more than it needs.
#include <fmt/format.h>

#include <catch2/catch.hpp>
#include <fstream>
#include <iterator>
#include <string>
#include <vector>

#include "support/event_client.h"
#include "support/node.h"
#include "support/test_database.h"

namespace ordercast {
namespace {

using namespace testing;
using Catch::Contains;

constexpr char kOurs[] = "ordercast_owner, ordercast_reader, ordercast_writer";

// A shop's database without Ordercast: a table, its owner, and the application that writes it.
class Shop : public TestDatabase {
 public:
  Shop() {
    exec(
        "DROP SCHEMA ordercast CASCADE; CREATE ROLE shop_owner LOGIN; CREATE ROLE shop_app LOGIN;"
        "CREATE TABLE public.orders (id int PRIMARY KEY); ALTER TABLE orders OWNER TO shop_owner;"
        "GRANT SELECT, INSERT, UPDATE, DELETE ON orders TO shop_app");
  }
  // Roles belong to the whole cluster.
  ~Shop() {
    exec(
        fmt::format("DROP OWNED BY {0}, shop_owner, shop_app CASCADE;"
                    "DROP ROLE {0}, shop_owner, shop_app",
                    kOurs));
  }
  void run_script() {
    std::ifstream file("deploy/roles.sql");
    const std::string sql{std::istreambuf_iterator<char>(file), {}};
    REQUIRE(!sql.empty());
    exec(sql);
  }
  [[nodiscard]] std::string as(const std::string& role) const { return url() + " user=" + role; }
  CommandResult ordercast(const std::string& role, std::vector<std::string> arguments) const {
    arguments.insert(arguments.begin() + 1, {"--database", as(role)});
    return run_ordercast(std::move(arguments));
  }
  void migrate() const {
    const auto migrated = ordercast("ordercast_owner", {"migrate"});
    INFO(migrated.err);
    REQUIRE(migrated.code == 0);
  }
  void exec_as(const std::string& role, const std::string& sql) const {
    pqxx::connection connection(as(role));
    pqxx::nontransaction(connection).exec(sql);
  }
};

TEST_CASE("roles.sql, run as it is before and after migrate, is all that an installation needs") {
  Shop shop;
  shop.run_script();
  shop.migrate();
  shop.run_script();
  CHECK(shop.scalar("SELECT count(*) FROM pg_namespace n WHERE nspname = 'ordercast' AND"
                    " nspowner = 'ordercast_owner'::regrole") == "1");

  // What docs/operations.md says for each table.
  shop.exec(
      "GRANT SELECT ON public.orders TO ordercast_owner; GRANT ordercast_owner TO shop_owner");
  const auto watched = shop.ordercast("shop_owner", {"watch", "orders"});
  INFO(watched.err);
  REQUIRE(watched.code == 0);

  ServedNode node({"serve", "--database", shop.as("ordercast_reader")});
  node.wait_until_ready();
  EventClient client(node.port(), {.query = "snapshot=true"});
  client.expect("ready");
  shop.exec_as("shop_app", "INSERT INTO public.orders VALUES (1)");
  CHECK(client.expect("insert").at("key").at("id") == 1);
  client.drop();
  shop.exec_as("shop_app", "INSERT INTO public.orders VALUES (2)");
  client.resume();
  CHECK(client.expect("insert").at("key").at("id") == 2);

  const auto canary = run_ordercast(
      {"canary", node.url(), "--max-ms", "30000", "--database", shop.as("ordercast_writer")});
  CHECK(canary.code == 0);
  CHECK(shop.ordercast("ordercast_reader", {"prune"}).code == 0);
  const auto health = shop.ordercast("ordercast_reader", {"doctor", "--max-connections", "100"});
  INFO(health.out);
  CHECK(health.code == 0);
  CHECK_THAT(health.out, Contains("ordercast_reader may read the log, and no more") &&
                             Contains("stream orders: every change is seen"));
}

TEST_CASE("No role of roles.sql can do what another is for") {
  Shop shop;
  shop.run_script();
  shop.migrate();
  shop.run_script();
  struct Case {
    const char* role;
    const char* sql;
  };
  const std::vector<Case> cases = {
      {"ordercast_owner", "SELECT FROM public.orders"},
      {"ordercast_owner", "CREATE SCHEMA more"},
      {"ordercast_owner", "CREATE ROLE friend"},
      {"ordercast_owner", "COPY (SELECT 1) TO PROGRAM 'true'"},
      {"ordercast_reader", "SELECT FROM public.orders"},
      {"ordercast_reader", "SELECT ordercast.publish('orders', 'note', '{}')"},
      {"ordercast_reader", "DELETE FROM ordercast.change_log"},
      {"ordercast_reader", "SELECT ordercast.watch('public.orders')"},
      {"ordercast_reader", "CREATE SCHEMA more"},
      {"ordercast_reader", "SET ROLE ordercast_owner"},
      {"ordercast_writer", "SELECT FROM ordercast.change_log"},
      {"ordercast_writer", "INSERT INTO ordercast.change_log (stream, op) VALUES ('orders', 't')"},
      {"ordercast_writer", "SELECT ordercast.prune()"},
      {"ordercast_writer", "CREATE SCHEMA more"},
      {"shop_app", "SELECT FROM ordercast.change_log"},
      {"shop_app", "SELECT ordercast.unwatch('orders')"},
  };
  for (const auto& [role, sql] : cases) {
    INFO(role << ": " << sql);
    CHECK_THROWS_AS(shop.exec_as(role, sql), pqxx::insufficient_privilege);
  }
}

}  // namespace
}  // namespace ordercast
