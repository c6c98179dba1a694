// PostgreSQL goes away and comes back under a running server.
#include <catch2/catch.hpp>

#include "support/event_client.h"
#include "support/eventually.h"
#include "support/node.h"
#include "support/orders_table.h"

namespace ordercast {
namespace {

using namespace testing;
using Stop = pg::LocalCluster::Stop;

TEST_CASE("Streams stay open while PostgreSQL restarts, are told, and lose nothing") {
  const auto how = GENERATE(Stop::kFast, Stop::kImmediate, Stop::kKill);
  OrdersTable orders;
  ServedNode node(orders.database());
  EventClient client(node.port(), {.from_empty = true});
  orders.exec("INSERT INTO orders (id) VALUES (1)");
  client.expect("insert");
  const auto cursor = client.cursor();

  test_cluster().stop(how);
  CHECK(client.expect("status") == nlohmann::json{{"database", "down"}});
  const auto not_ready = node.get("/readyz");
  CHECK(not_ready.status == 503);
  CHECK_THAT(not_ready.body, Catch::Contains("database_down"));
  CHECK(node.get("/livez").status == 200);
  // Who comes now is not refused, and served when the database is back.
  EventClient late(node.port(), {.cursor = cursor});
  CHECK(late.expect("status") == nlohmann::json{{"database", "down"}});

  test_cluster().start();
  orders.exec("INSERT INTO orders (id) VALUES (2)");
  for (auto* each : {&client, &late}) {
    CHECK(each->expect("status") == nlohmann::json{{"database", "up"}});
    CHECK(each->expect("insert").at("key").at("id") == "2");
    CHECK(each->faults().empty());
  }
  CHECK(client.rows() == orders.rows());
  node.wait_until_ready();
}

}  // namespace
}  // namespace ordercast
