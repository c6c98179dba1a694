// Messages of an application's own: ordercast.publish() and POST /v1/streams/{stream}/messages.
#include <fmt/format.h>

#include <catch2/catch.hpp>
#include <nlohmann/json.hpp>
#include <string>
#include <vector>

#include "integration/capture_role.h"
#include "support/event_client.h"
#include "support/node.h"
#include "support/orders_table.h"

namespace ordercast {
namespace {

using namespace testing;
using Catch::Contains;
using nlohmann::json;

std::string publish(const std::string& event, const std::string& data) {
  return fmt::format("SELECT ordercast.publish('orders', '{}', '{}')", event, data);
}

HttpResponse post(const ServedNode& node, std::string_view body,
                  const std::string& stream = "orders") {
  return fetch(node.port(), "POST", "/v1/streams/" + stream + "/messages", body,
               {{"Content-Type", "application/json"}});
}

TEST_CASE("A message comes in order with the changes of its transaction, and resumes like them") {
  OrdersTable orders;
  ServedNode node(orders.database());
  EventClient client(node.port());
  orders.exec("BEGIN; INSERT INTO orders (id) VALUES (1);" +
              publish("kitchen.note", R"({"text": "closes at 10", "n": 0.1234567890123456789})") +
              "; UPDATE orders SET note = 'x'; COMMIT");
  const auto insert = client.expect("insert");
  const auto event = client.next();
  REQUIRE(event);
  CHECK(event->type == "kitchen.note");
  CHECK_THAT(event->data, Contains("0.1234567890123456789"));
  const auto data = json::parse(event->data);
  CHECK(data.at("op") == "message");
  CHECK(data.at("data").at("text") == "closes at 10");
  CHECK(data.at("at").get<std::string>().size() == insert.at("at").get<std::string>().size());
  const auto update = client.expect("update");
  CHECK(insert.at("seq") < data.at("seq"));
  CHECK(data.at("seq") < update.at("seq"));

  // Whoever has had the insert is sent the rest, on any node; whoever has had the message is not
  // sent it again.
  ServedNode other(orders.database());
  EventClient late(other.port(), {.cursor = "earliest"});
  late.expect("insert");
  late.drop();
  late.resume(node.port());
  CHECK(late.next()->type == "kitchen.note");
  late.drop();
  late.resume(other.port());
  late.expect("update");
}

TEST_CASE("A message that is rolled back never appears, one after it does") {
  OrdersTable orders;
  ServedNode node(orders.database());
  EventClient client(node.port());
  orders.exec("BEGIN;" + publish("lost", "{}") + "; ROLLBACK");
  orders.exec("BEGIN; SAVEPOINT a;" + publish("lost", "{}") + "; ROLLBACK TO a;" +
              publish("kept", "null") + "; COMMIT");
  const auto event = client.next();
  CHECK(event->type == "kept");
  CHECK(json::parse(event->data).at("data") == nullptr);
}

TEST_CASE("A message alone wakes the servers") {
  OrdersTable orders;
  ServedNode node(orders.database());
  EventClient client(node.port());
  auto best = std::chrono::steady_clock::duration::max();
  for (int i = 0; i < 5; ++i) {
    const auto begin = std::chrono::steady_clock::now();
    orders.exec(publish("note", "{}"));
    CHECK(client.next()->type == "note");
    best = std::min(best, std::chrono::steady_clock::now() - begin);
  }
  // A server that is not woken looks each second.
  CHECK(best < std::chrono::milliseconds(500));
}

TEST_CASE("publish() says what is wrong, and what to do") {
  OrdersTable orders;
  const auto refused = [&](const std::string& call) {
    try {
      orders.exec("SELECT ordercast.publish(" + call + ")");
    } catch (const pqxx::sql_error& error) {
      return error.sqlstate() + " " + error.what();
    }
    return std::string("taken");
  };
  for (const auto* name : {"hello", "insert", "update", "delete", "ready", "reset", "status", "end",
                           "retry", "heartbeat", "open", "error", "message"}) {
    INFO(name);
    CHECK_THAT(refused(fmt::format("'orders', '{}', '{{}}'", name)),
               Contains("42939") && Contains("is taken") && Contains("HINT"));
  }
  for (const auto& name : std::vector<std::string>{"", "Note", "1st", "no te", "no:te", "a\nb", "é",
                                                   std::string(64, 'a')}) {
    INFO(name);
    CHECK_THAT(refused(fmt::format("'orders', '{}', '{{}}'", name)),
               Contains("42602") && Contains("bad event name") && Contains("HINT"));
  }
  CHECK(refused(fmt::format("'orders', 'a{}', '{{}}'", std::string(62, '9'))) == "taken");
  CHECK(refused("'orders', 'kitchen_note.v1-a', '{}'") == "taken");
  CHECK_THAT(refused("'order', 'note', '{}'"),
             Contains("42704") && Contains("there is no stream") && Contains("are: orders."));
  CHECK_THAT(refused("'orders', 'note', NULL"), Contains("22004"));
  CHECK_THAT(refused("NULL, 'note', '{}'"), Contains("22004"));
  // A JSON string has two quotes more than its letters.
  CHECK(refused("'orders', 'note', to_jsonb(repeat('x', 65534))") == "taken");
  CHECK_THAT(refused("'orders', 'note', to_jsonb(repeat('x', 65535))"),
             Contains("54000") && Contains("65537 bytes, 65536 are allowed") && Contains("HINT"));
}

TEST_CASE("Only who was granted it may publish, and then nothing else") {
  OrdersTable orders;
  auto& db = orders.database();
  const ScratchRole role(db, "_publisher");
  db.exec("SET ROLE " + role.name());
  CHECK_THROWS_AS(db.exec(publish("note", "{}")), pqxx::insufficient_privilege);
  db.exec("RESET ROLE; SELECT ordercast.grant_publisher('" + role.name() + "'); SET ROLE " +
          role.name());
  CHECK_NOTHROW(db.exec(publish("note", "{}")));
  for (const auto* denied : {"SELECT FROM ordercast.change_log", "SELECT FROM ordercast.stream",
                             "INSERT INTO ordercast.change_log (stream, op) VALUES ('orders', 't')",
                             "SELECT ordercast.unwatch('orders')", "SELECT FROM orders"}) {
    INFO(denied);
    CHECK_THROWS_AS(db.exec(denied), pqxx::insufficient_privilege);
  }
  // What the caller has put in the way is not looked at.
  db.exec(
      "RESET ROLE; CREATE SCHEMA evil; CREATE FUNCTION evil.octet_length(text) RETURNS int "
      "LANGUAGE sql AS 'SELECT 1/0'; GRANT ALL ON SCHEMA evil TO " +
      role.name() + "; SET ROLE " + role.name() + "; SET search_path = evil, pg_catalog");
  CHECK_NOTHROW(db.exec(publish("note", "{}")));
  db.exec("RESET search_path; RESET ROLE; DROP SCHEMA evil CASCADE");
}

TEST_CASE("A message is posted over HTTP") {
  OrdersTable orders;
  ServedNode node(orders.database(), {"--desk"});
  EventClient client(node.port());
  const auto response = post(node, R"({"event":"echo","data":{"text":"server received: hi"}})");
  CHECK(response.status == 201);
  const auto event = client.next();
  CHECK(event->type == "echo");
  const auto data = json::parse(event->data);
  CHECK(data.at("data").at("text") == "server received: hi");
  CHECK(data.at("seq") == json::parse(response.body).at("seq"));

  CHECK(post(node, R"({"event":"echo","data":1})", "order").status == 404);
  const auto taken = post(node, R"({"event":"reset","data":1})");
  CHECK(taken.status == 422);
  CHECK(json::parse(taken.body).at("code") == "bad_event");
  CHECK(json::parse(taken.body).at("hint").get<std::string>().size() > 0);
  CHECK(post(node, R"({"event":"echo","data":"\u0000"})").status == 422);
  const auto deep =
      R"({"event":"echo","data":)" + std::string(30'000, '[') + std::string(30'000, ']') + "}";
  CHECK(post(node, deep).status == 422);
  CHECK(post(node, R"({"event":"echo","data":2})").status == 201);
  CHECK(json::parse(client.next()->data).at("data") == 2);
}

TEST_CASE("A server that was not told so takes no messages") {
  OrdersTable orders;
  ServedNode node(orders.database());
  const auto response = post(node, R"({"event":"echo","data":1})");
  CHECK(response.status == 403);
  CHECK_THAT(response.body, Contains("--desk"));
  CHECK(orders.database().scalar("SELECT count(*) FROM ordercast.change_log WHERE op = 'm'") ==
        "0");
}

}  // namespace
}  // namespace ordercast
