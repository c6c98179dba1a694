// Retention drops what a running server has not read: all its clients are told, and it goes on.
#include <catch2/catch.hpp>
#include <pqxx/pqxx>

#include "support/event_client.h"
#include "support/node.h"
#include "support/orders_table.h"

namespace ordercast {
namespace {

using namespace testing;

TEST_CASE("Streams are reset when the log is dropped before it was read, and go on") {
  OrdersTable orders;
  const auto session = orders.database().connect();
  pqxx::work old(*session);
  old.exec("SELECT pg_current_xact_id()");
  ServedNode node(orders.database());
  EventClient client(node.port(), {.from_empty = true});
  orders.exec("INSERT INTO orders (id) VALUES (1)");
  CHECK(client.expect("insert").at("key").at("id") == "1");

  // What this transaction would have changed is gone as it commits.
  old.exec("UPDATE ordercast.history SET floor_tx = pg_current_xact_id()");
  old.commit();
  CHECK(client.expect("reset").at("reason") == "retention");
  orders.exec("INSERT INTO orders (id) VALUES (2)");
  CHECK(client.expect("insert").at("key").at("id") == "2");
}

}  // namespace
}  // namespace ordercast
