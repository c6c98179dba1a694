// /readyz says why streams cannot be served, and /livez stays out of it.
#include <catch2/catch.hpp>
#include <string>

#include "support/event_client.h"
#include "support/eventually.h"
#include "support/node.h"
#include "support/orders_table.h"

namespace ordercast {
namespace {

using namespace testing;

bool says(const ServedNode& node, const std::string& code) {
  return eventually([&] {
    const auto answer = node.get("/readyz");
    return answer.status == 503 && answer.body.find('"' + code + '"') != std::string::npos;
  });
}

TEST_CASE("A schema that is not this program's is named, and what to do") {
  OrdersTable orders;
  const std::string newest = "(SELECT max(version) FROM ordercast.schema_version)";
  std::string code;
  std::string advice;
  std::string spoil;
  SECTION("too old") {
    code = "schema_too_old";
    advice = "ordercast migrate";
    spoil = "DELETE FROM ordercast.schema_version WHERE version = " + newest;
  }
  SECTION("too new") {
    code = "schema_too_new";
    advice = "newer ordercast";
    spoil = "INSERT INTO ordercast.schema_version VALUES (9999, 'from_the_future')";
  }
  SECTION("not there") {
    code = "schema_missing";
    advice = "ordercast migrate";
    spoil = "DROP TABLE public.orders; DROP SCHEMA ordercast CASCADE";
  }
  orders.exec(spoil);
  ServedNode node({"serve", "--database", orders.database().url()});
  CHECK(says(node, code));
  CHECK_THAT(node.get("/readyz").body, Catch::Contains(advice));
  CHECK(node.get("/livez").status == 200);
}

// What a rolling upgrade needs: migrate, then one node after the other; and back again.
TEST_CASE("A newer schema that this program can read is served, also on a new connection") {
  OrdersTable orders;
  ServedNode before(orders.database());
  EventClient client(before.port());
  orders.exec(
      "INSERT INTO ordercast.schema_version"
      " SELECT 9999, 'from_the_future', now(), max(version) FROM ordercast.schema_version");
  REQUIRE(orders.terminate_sessions() > 0);
  orders.exec("INSERT INTO orders (id) VALUES (1)");
  client.take_until([&] { return client.count("insert") == 1; });

  ServedNode after(orders.database());
  client.drop();
  client.resume(after.port());
  orders.exec("INSERT INTO orders (id) VALUES (2)");
  client.take_until([&] { return client.count("insert") == 2; });
  CHECK(client.count("reset") == 0);
}

TEST_CASE("A node that serves while its schema becomes newer goes on") {
  OrdersTable orders;
  ServedNode node(orders.database());
  orders.exec("INSERT INTO ordercast.schema_version VALUES (9999, 'from_the_future')");
  EventClient client(node.port(), {.cursor = "earliest"});
  orders.exec("INSERT INTO orders (id) VALUES (1)");
  client.take_until([&] { return client.count("insert") == 1; });
  CHECK(node.ready());
}

}  // namespace
}  // namespace ordercast
