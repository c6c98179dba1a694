// Filters, columns and events of a live stream, in the program as users run it.
#include <catch2/catch.hpp>
#include <nlohmann/json.hpp>
#include <string>
#include <utility>
#include <vector>

#include "support/event_client.h"
#include "support/node.h"
#include "support/orders_table.h"

namespace ordercast {
namespace {

using namespace testing;
using Catch::Contains;
using Catch::EndsWith;
using nlohmann::json;

std::string insert(int id, const std::string& status, const std::string& total = "10") {
  return "INSERT INTO orders (id, status, total) VALUES (" + std::to_string(id) + ", '" + status +
         "', " + total + ")";
}

std::string id_of(const json& data) {
  return data.at("key").at("id");
}

TEST_CASE("A filtered stream tells of its rows only, and of those that come and go") {
  OrdersTable orders;
  ServedNode node(orders.database());
  EventClient client(
      node.port(),
      {.query = "status=in.(paid,shipped)&total=gte.10", .from_empty = true, .filtered = true});
  orders.exec(insert(1, "created"));
  orders.exec(insert(2, "paid", "9.99"));
  orders.exec(insert(3, "paid", "10.00"));
  CHECK(id_of(client.expect("insert")) == "3");

  // In: an insert with the whole row, and what the database did in `op`.
  orders.exec("UPDATE orders SET status = 'shipped' WHERE id = 1");
  const auto came = client.expect("insert");
  CHECK(came.at("op") == "update");
  CHECK(came.at("row").at("status") == "shipped");
  CHECK_FALSE(came.contains("changed"));

  // Within: an update.
  orders.exec("UPDATE orders SET total = 11 WHERE id = 3");
  CHECK(client.expect("update").at("changed") == json{{"total", {"10.00", "11"}}});

  // Out: a delete with the row as it was, and nothing of the new one.
  orders.exec("UPDATE orders SET status = 'cancelled', note = 'not for you' WHERE id = 3");
  const auto left = client.expect("delete");
  CHECK(left.at("op") == "update");
  CHECK(left.at("row").at("status") == "paid");
  CHECK(left.at("row").at("total") == "11");
  CHECK_THAT(left.dump(), !Contains("not for you") && !Contains("cancelled"));

  // A delete obeys the filter, by the row as it was.
  orders.exec("DELETE FROM orders WHERE id = 3");
  orders.exec("DELETE FROM orders WHERE id = 1");
  const auto gone = client.expect("delete");
  CHECK(id_of(gone) == "1");
  CHECK(gone.at("op") == "delete");
  CHECK(client.rows().empty());
  CHECK(client.faults() == std::vector<std::string>{});
}

TEST_CASE("Conditions are joined by or=, of any type, and by a path into jsonb") {
  OrdersTable orders;
  orders.exec("ALTER TABLE orders ADD COLUMN items jsonb");
  ServedNode node(orders.database());
  const auto tell = [&](const std::string& query) {
    EventClient client(node.port(), {.query = query, .filtered = true, .keeps_shown = true});
    orders.exec(
        "INSERT INTO orders (id, status, total, note, items) VALUES"
        " (1, 'paid', 1000.01, NULL, '[{\"sku\": \"NB-BELL\", \"price\": 18.75}]'),"
        " (2, 'created', 5, 'Urgent!', '[{\"sku\": \"NB-LAMP\", \"price\": 64.90}]'),"
        " (3, 'created', 5, 'slow', '[]'), (4, 'done', NULL, NULL, NULL)");
    orders.exec("INSERT INTO orders (id, note) VALUES (9, 'the end'); DELETE FROM orders");
    std::string ids;
    // The row that everybody is shown is not among those above.
    client.take_until([&] { return client.count("delete") > 0; });
    for (const auto& row : client.shown()) ids += json::parse(row).at("id").get<std::string>();
    return ids;
  };
  const std::string end = "id.eq.9";
  CHECK(tell("or=(total.gt.1000,and(status.eq.created,note.ilike.*URGENT*)," + end + ")") == "129");
  CHECK(tell("or=(items-%3E0-%3E%3Esku.eq.NB-BELL," + end + ")") == "19");
  CHECK(tell("or=(items-%3E0-%3Eprice.gte.18.75," + end + ")") == "129");
  CHECK(tell("or=(items->0->price.lt.64.9," + end + ")") == "19");
  CHECK(tell("or=(and(note.is.null,total.is.null)," + end + ")") == "49");
  CHECK(tell("status=not.in.(paid,done)&note=not.like.U*") == "39");
}

TEST_CASE("A change tells the columns that were selected, by the names that were given") {
  OrdersTable orders;
  ServedNode node(orders.database());
  EventClient client(node.port(), {.query = "select=state:status,total&snapshot=true"});
  client.expect("ready");
  orders.exec(insert(1, "paid", "12345678901234567890.10"));
  const auto inserted = client.expect("insert");
  // The key is there although nobody asked for it.
  CHECK(inserted.at("row") ==
        json{{"state", "paid"}, {"total", "12345678901234567890.10"}, {"id", "1"}});
  CHECK(inserted.at("key") == json{{"id", "1"}});

  orders.exec("UPDATE orders SET note = 'nothing that is selected'");
  orders.exec("UPDATE orders SET status = 'shipped', note = 'n'");
  const auto updated = client.expect("update");
  CHECK(updated.at("changed") == json{{"state", {"paid", "shipped"}}});
  CHECK_FALSE(updated.at("row").contains("note"));
  orders.exec("DELETE FROM orders");
  CHECK(client.expect("delete").at("row").at("state") == "shipped");
  CHECK(client.faults() == std::vector<std::string>{});

  orders.exec(insert(2, "paid"));
  EventClient late(node.port(), {.query = "select=state:status&snapshot=true"});
  CHECK(late.expect("insert").at("row") == json{{"state", "paid"}, {"id", "2"}});
}

TEST_CASE(
    "A filter may ask for what select leaves out, but not for what the stream does not send") {
  OrdersTable orders;
  orders.exec("SELECT ordercast.watch('public.orders', columns => '{id,status,total}')");
  ServedNode node(orders.database());
  EventClient client(node.port(), {.query = "select=total&status=eq.paid", .filtered = true});
  orders.exec(insert(1, "created"));
  orders.exec(insert(2, "paid"));
  CHECK(client.expect("insert").at("row") == json{{"total", "10"}, {"id", "2"}});

  for (const auto* query :
       {"note=eq.x", "note=is.null", "and=(note.eq.x)", "or=(id.eq.1,not.and(note.eq.x))",
        "select=note", "select=id,note", "select=x:note", "snapshot=true&order=note",
        "snapshot=true&note=eq.x", "nonsense=eq.1"}) {
    INFO(query);
    const auto response = node.get(std::string("/v1/streams/orders?") + query);
    CHECK(response.status == 400);
    CHECK(response.header("Content-Type") == "application/problem+json");
    const auto problem = json::parse(response.body);
    CHECK(problem.at("code") == "bad_parameter");
    // It says which columns there are, and the hidden one is not among them.
    CHECK_THAT(problem.at("detail").get<std::string>(),
               EndsWith("the columns of 'orders' are: id bigint, status text, total numeric"));
  }
}

TEST_CASE("events= says what is told, of the changes and of an application's own events") {
  OrdersTable orders;
  ServedNode node(orders.database());
  const auto publish = [&](const std::string& event) {
    orders.exec("SELECT ordercast.publish('orders', '" + event + "', '{}')");
  };
  EventClient client(
      node.port(), {.query = "events=delete,echo&status=eq.paid&snapshot=true", .filtered = true});
  client.expect("ready");  // is always sent
  orders.exec(insert(1, "paid"));
  publish("note");
  orders.exec("UPDATE orders SET total = 5");
  publish("echo");
  CHECK(client.next()->type == "echo");
  orders.exec("UPDATE orders SET status = 'shipped'");
  // It is the view's delete, although it is the database's update.
  CHECK(client.expect("delete").at("op") == "update");
  orders.exec("TRUNCATE orders");
  CHECK(client.expect("reset").at("reason") == "truncate");
  client.expect("ready");

  EventClient only_own(node.port(), {.query = "events=note"});
  orders.exec(insert(2, "paid"));
  publish("note");
  CHECK(only_own.next()->type == "note");
}

TEST_CASE("The rows come filtered, in order and cut, then every change of the filter's rows") {
  OrdersTable orders;
  orders.exec(
      "INSERT INTO orders (id, status, total) SELECT n, CASE n % 2 WHEN 0 THEN 'paid' ELSE "
      "'created' END, nullif(n, 10) FROM generate_series(1, 10) AS n");
  ServedNode node(orders.database());
  EventClient client(
      node.port(),
      {.query = "snapshot=true&status=eq.paid&order=total.desc.nullslast&limit=3&select=total",
       .filtered = true});
  CHECK(client.hello().at("snapshot") == true);
  for (const auto* id : {"8", "6", "4"}) {
    const auto row = client.expect("insert");
    CHECK(row.at("snapshot") == true);
    CHECK(id_of(row) == id);
    CHECK(row.at("row") == json{{"total", id}, {"id", id}});
  }
  client.expect("ready");
  // The limit is of the rows that were there.
  orders.exec("UPDATE orders SET total = 20 WHERE id = 2");
  CHECK(id_of(client.expect("update")) == "2");
  orders.exec("UPDATE orders SET status = 'paid' WHERE id = 1");
  CHECK(id_of(client.expect("insert")) == "1");

  EventClient none(node.port(), {.query = "snapshot=true&limit=0"});
  none.expect("ready");
}

TEST_CASE("A filtered client that was cut goes on right behind what it had, on any node") {
  OrdersTable orders;
  ServedNode one(orders.database());
  ServedNode other(orders.database());
  EventClient client(one.port(), {.query = "merchant=eq.2", .from_empty = true, .filtered = true});
  orders.exec("INSERT INTO orders (id, merchant) SELECT n, n % 3 FROM generate_series(1, 9) n");
  CHECK(id_of(client.expect("insert")) == "2");
  client.drop();
  orders.exec("UPDATE orders SET merchant = 2, note = 'moved' WHERE id = 3");
  client.resume(other.port());
  CHECK(client.hello().at("resumed") == true);
  for (const auto* id : {"5", "8", "3"}) CHECK(id_of(client.expect("insert")) == id);
  client.drop();
  orders.exec("DELETE FROM orders");
  client.resume(one.port());
  client.take_until([&] { return client.rows().empty(); });
  CHECK(client.faults() == std::vector<std::string>{});
}

TEST_CASE("What cannot be asked is refused by the program as the protocol says") {
  OrdersTable orders;
  ServedNode node(orders.database());
  const auto answer = [&](const std::string& query, const std::string& accept) {
    const auto response =
        fetch(node.port(), "GET", "/v1/streams/orders" + query, {}, {{"Accept", accept}});
    return std::pair(response.status, json::parse(response.body).at("code").get<std::string>());
  };
  using Answer = std::pair<int, std::string>;
  CHECK(answer("", "application/json") == Answer{406, "not_acceptable"});
  CHECK(answer("?total=gte.much", "*/*") == Answer{400, "bad_parameter"});
  CHECK(answer("?order=id", "*/*") == Answer{400, "bad_parameter"});
  CHECK(answer("?snapshot=yes", "*/*") == Answer{400, "bad_parameter"});
  CHECK(answer("?select=id&select=id", "*/*") == Answer{400, "bad_parameter"});
}

}  // namespace
}  // namespace ordercast
