// A stream on which nothing happens still tells its client how far the database has come.
#include <catch2/catch.hpp>

#include "support/event_client.h"
#include "support/node.h"
#include "support/orders_table.h"

namespace ordercast {
namespace {

using namespace testing;

TEST_CASE("An idle client's cursor moves while other tables change, and resumes from there") {
  OrdersTable orders;
  orders.exec(
      "CREATE TABLE public.parcels (id int PRIMARY KEY); SELECT ordercast.watch('public.parcels')");
  ServedNode node(orders.database(), {"--heartbeat-ms", "50"});
  EventClient client(node.port());
  CHECK(client.hello().at("heartbeat_ms") == 50);
  const auto begin = client.cursor();

  orders.exec("INSERT INTO parcels VALUES (1)");
  client.wait_for_heartbeat();
  const auto after_parcel = client.cursor();
  CHECK(after_parcel != begin);

  CHECK(client.count("insert") == 0);

  client.drop();
  orders.exec("INSERT INTO orders (id) VALUES (1)");
  client.resume();
  CHECK(client.hello().at("resumed") == true);
  CHECK(client.expect("insert").at("key").at("id") == "1");
  orders.exec("INSERT INTO orders (id) VALUES (2)");
  CHECK(client.expect("insert").at("key").at("id") == "2");
  CHECK(client.faults().empty());
}

TEST_CASE("A heartbeat behind an open transaction does not pass over it") {
  OrdersTable orders;
  orders.exec(
      "CREATE TABLE public.parcels (id int PRIMARY KEY); SELECT ordercast.watch('public.parcels')");
  ServedNode node(orders.database(), {"--heartbeat-ms", "50"});
  EventClient client(node.port());
  const auto session = orders.session();
  pqxx::work open(*session);
  open.exec("INSERT INTO orders (id, note) VALUES (1, 'open')");
  orders.exec("INSERT INTO parcels VALUES (1)");
  client.wait_for_heartbeat();
  client.drop();
  open.commit();
  client.resume();
  CHECK(client.expect("insert").at("row").at("note") == "open");
}

TEST_CASE("With heartbeat=event the first one says that all was sent, the next that it still is") {
  OrdersTable orders;
  ServedNode node(orders.database(), {"--heartbeat-ms", "50"});
  EventClient plain(node.port());
  const auto begin = plain.cursor();
  orders.exec("INSERT INTO orders (id) VALUES (1), (2)");
  plain.take_until([&] { return plain.count("insert") == 2; });
  EventClient client(node.port(), {.query = "heartbeat=event", .cursor = begin});
  client.expect("insert");
  client.expect("insert");
  CHECK(client.expect("heartbeat").empty());
  const auto caught_up = client.cursor();
  client.expect("heartbeat");

  client.drop();
  orders.exec("INSERT INTO orders (id) VALUES (3)");
  plain.take_until([&] { return plain.count("insert") == 3; });
  client.resume();
  CHECK(client.expect("insert").at("key").at("id") == "3");
  client.expect("heartbeat");
  CHECK(client.cursor() != caught_up);

  // The same view otherwise, and no event to who has not asked for one.
  CHECK(plain.count("heartbeat") == 0);
  CHECK(plain.silent_for(std::chrono::milliseconds(150)));
}

TEST_CASE("heartbeat=event: a client without a word to catch up with is told at once") {
  OrdersTable orders;
  ServedNode node(orders.database(), {"--heartbeat-ms", "60000"});
  EventClient client(node.port(), {.query = "heartbeat=event"});
  client.expect("heartbeat");
  orders.exec("INSERT INTO orders (id) VALUES (1)");
  client.expect("insert");
}

}  // namespace
}  // namespace ordercast
