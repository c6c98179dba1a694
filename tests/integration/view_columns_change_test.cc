// A filter and a selection are read by the stream's columns. When these change, such a stream ends
// and its client, which comes back by itself, is served by the new ones or told what is wrong.
#include <catch2/catch.hpp>
#include <nlohmann/json.hpp>
#include <string>

#include "support/event_client.h"
#include "support/node.h"
#include "support/orders_table.h"

namespace ordercast {
namespace {

using namespace testing;
using Catch::EndsWith;
using nlohmann::json;

// What comes before the end: a reset, or nothing.
void take_to_end(EventClient& client) {
  while (client.next()) {
  }
  CHECK(client.stream().ended_properly());
}

TEST_CASE("ALTER TABLE ends the streams that have a filter or columns, whole rows go on") {
  OrdersTable orders;
  ServedNode node(orders.database());
  EventClient whole(node.port(), {.query = "events=insert"});
  EventClient filtered(node.port(), {.query = "note=eq.x", .filtered = true});
  EventClient selected(node.port(), {.query = "select=id,note"});
  EventClient other(node.port(), {.query = "status=eq.paid", .filtered = true});
  orders.exec("ALTER TABLE orders DROP COLUMN note");
  for (auto* client : {&filtered, &selected, &other}) take_to_end(*client);

  // What asks for the column that is gone is told which there are.
  for (const auto* query : {"note=eq.x", "select=id,note"}) {
    INFO(query);
    const auto response = node.get(std::string("/v1/streams/orders?") + query);
    CHECK(response.status == 400);
    CHECK_THAT(
        json::parse(response.body).at("detail").get<std::string>(),
        EndsWith(
            "columns of 'orders' are: id bigint, merchant integer, status text, total numeric"));
  }
  // What does not, goes on where it was.
  other.drop();
  orders.exec("INSERT INTO orders (id, status) VALUES (1, 'paid')");
  other.resume();
  CHECK(other.hello().at("resumed") == true);
  other.take_until([&] { return other.count("insert") == 1; });
  whole.take_until([&] { return whole.count("insert") == 1; });
  CHECK(whole.stream().response().status == 200);
}

TEST_CASE(
    "A column that comes can be asked for at once, also on a server that was started before") {
  OrdersTable orders;
  ServedNode node(orders.database());
  EventClient whole(node.port());
  CHECK(node.get("/v1/streams/orders?city=eq.Rye").status == 400);
  orders.exec("ALTER TABLE orders ADD COLUMN city text DEFAULT 'Rye'");
  whole.expect("reset");
  EventClient filtered(node.port(), {.query = "city=eq.Rye&select=city", .filtered = true});
  orders.exec("INSERT INTO orders (id, city) VALUES (1, 'Ayr'), (2, 'Rye')");
  CHECK(filtered.expect("insert").at("row") == json{{"city", "Rye"}, {"id", "2"}});
}

TEST_CASE("A filter compares with a column's new type once it has one") {
  OrdersTable orders;
  ServedNode node(orders.database());
  EventClient filtered(node.port(), {.query = "status=gt.9", .filtered = true});
  orders.exec("INSERT INTO orders (id, status) VALUES (1, '10')");  // as text it is less
  orders.exec("ALTER TABLE orders ALTER status DROP DEFAULT, ALTER status TYPE int USING 10");
  take_to_end(filtered);
  filtered.drop();
  filtered.resume();
  orders.exec("INSERT INTO orders (id, status) VALUES (2, 10)");
  filtered.take_until([&] { return filtered.count("insert") == 1; });
  CHECK(filtered.rows().size() == 1);
}

TEST_CASE("A label that an enum gets can be asked for, and is in its place in the order") {
  OrdersTable orders;
  orders.exec(
      "CREATE TYPE step AS ENUM ('new', 'shipped');"
      "ALTER TABLE orders ADD COLUMN step step DEFAULT 'new'");
  ServedNode node(orders.database());
  CHECK(node.get("/v1/streams/orders?step=eq.packed").status == 400);
  EventClient before(node.port(), {.query = "step=lt.shipped", .filtered = true});
  EventClient whole(node.port());
  orders.exec("ALTER TYPE step ADD VALUE 'packed' BEFORE 'shipped'");
  take_to_end(before);
  before.drop();
  before.resume();
  EventClient packed(node.port(), {.query = "step=eq.packed", .filtered = true});
  orders.exec("INSERT INTO orders (id, step) VALUES (1, 'packed'), (2, 'shipped')");
  CHECK(packed.expect("insert").at("key").at("id") == "1");
  CHECK(before.expect("insert").at("key").at("id") == "1");
  CHECK(whole.expect("insert").at("key").at("id") == "1");
  CHECK(whole.expect("insert").at("key").at("id") == "2");
}

}  // namespace
}  // namespace ordercast
