// What a committed change looks like to a client.
#include <fmt/format.h>

#include <algorithm>
#include <catch2/catch.hpp>
#include <chrono>
#include <nlohmann/json.hpp>
#include <regex>
#include <string>

#include "support/event_client.h"
#include "support/node.h"
#include "support/orders_table.h"

namespace ordercast {
namespace {

using namespace testing;
using nlohmann::json;

TEST_CASE("An insert, an update and a delete arrive with op, key, row, changed, at and seq") {
  OrdersTable orders;
  ServedNode node(orders.database());
  EventClient client(node.port(), {.from_empty = true});
  const auto before = orders.database().scalar(
      "SELECT to_char(clock_timestamp() AT TIME ZONE 'UTC', 'YYYY-MM-DD\"T\"HH24:MI:SS.US\"Z\"')");

  orders.exec("INSERT INTO orders VALUES (42, 7, 'created', 12.50, 'ring twice')");
  const auto insert = client.expect("insert");
  CHECK(insert.at("op") == "insert");
  CHECK(insert.at("key") == json::parse(R"({"id":"42"})"));
  CHECK(insert.at("row") == json::parse(R"({"id":"42","merchant":7,"status":"created",
                                            "total":"12.50","note":"ring twice"})"));
  CHECK_FALSE(insert.contains("changed"));
  CHECK(insert.at("seq").get<std::int64_t>() == orders.last_seq());

  orders.exec("UPDATE orders SET status = 'paid', merchant = 7, note = NULL WHERE id = 42");
  const auto update = client.expect("update");
  CHECK(update.at("op") == "update");
  CHECK(update.at("key") == insert.at("key"));
  CHECK(update.at("row").at("status") == "paid");
  CHECK(update.at("changed") ==
        json::parse(R"({"status":["created","paid"],"note":["ring twice",null]})"));
  CHECK(update.at("seq").get<std::int64_t>() == orders.last_seq());

  orders.exec("DELETE FROM orders");
  const auto removed = client.expect("delete");
  CHECK(removed.at("op") == "delete");
  CHECK(removed.at("key") == insert.at("key"));
  CHECK(removed.at("row") == update.at("row"));
  CHECK(removed.at("seq").get<std::int64_t>() == orders.last_seq());

  const std::regex utc_microseconds(R"(\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{6}Z)");
  for (const auto& event : {insert, update, removed}) {
    CHECK(std::regex_match(event.at("at").get<std::string>(), utc_microseconds));
  }
  CHECK(before < insert.at("at").get<std::string>());
  CHECK(insert.at("at") < update.at("at"));
  CHECK(update.at("at") < removed.at("at"));
  CHECK(client.faults().empty());
}

TEST_CASE("Every column that an update changed is told, and no other") {
  OrdersTable orders;
  orders.exec("INSERT INTO orders SELECT g, g, 'created', g, 'note' FROM generate_series(1, 3) g");
  ServedNode node(orders.database());
  EventClient client(node.port(), {.query = "snapshot=true"});
  client.expect("insert");
  client.expect("insert");
  client.expect("insert");
  client.expect("ready");

  orders.exec(
      "UPDATE orders SET status = CASE WHEN id = 2 THEN status ELSE 'paid' END,"
      "  total = CASE WHEN id = 3 THEN total + 1 ELSE total END");
  // The second row is as it was: it is not told at all.
  const auto first = client.expect("update");
  const auto third = client.expect("update");
  CHECK(first.at("key").at("id") == "1");
  CHECK(first.at("changed") == json::parse(R"({"status":["created","paid"]})"));
  CHECK(third.at("key").at("id") == "3");
  CHECK(third.at("changed") == json::parse(R"({"status":["created","paid"],"total":["3","4"]})"));

  orders.exec("UPDATE orders SET status = status");
  orders.exec("UPDATE orders SET id = 10 WHERE id = 1");
  // A changed key is the end of one row and the beginning of another.
  const auto one = client.next();
  const auto other = client.next();
  REQUIRE(one);
  REQUIRE(other);
  CHECK(std::set{one->type, other->type} == std::set<std::string>{"insert", "delete"});
  CHECK(client.rows() == orders.rows());
  CHECK(client.faults().empty());
}

TEST_CASE("No digit of a number is lost") {
  TestDatabase database;
  database.exec(
      "CREATE TABLE ledger (id bigint PRIMARY KEY, amount numeric, parts numeric[], big bigint[],"
      "  single real, precise double precision);"
      "SELECT ordercast.watch('public.ledger')");
  ServedNode node(database);
  EventClient client(node.port(), {.stream = "ledger"});
  database.exec(
      "INSERT INTO ledger VALUES (9007199254740993, 0.1234567890123456789,"
      "  '{1.00,-12345678901234567890.5}', '{9223372036854775807}', 0.1, 0.1)");
  const auto event = client.next();
  REQUIRE(event);
  // The bytes, not what a JSON parser makes of them.
  CHECK_THAT(event->data, Catch::Contains(R"("key":{"id":"9007199254740993"})"));
  CHECK_THAT(event->data, Catch::Contains(R"("amount":"0.1234567890123456789")"));
  CHECK_THAT(event->data, Catch::Contains(R"("parts":["1.00","-12345678901234567890.5"])"));
  CHECK_THAT(event->data, Catch::Contains(R"("big":["9223372036854775807"])"));
  CHECK_THAT(event->data, Catch::Contains(R"("single":0.1,"precise":0.1)"));
}

TEST_CASE("Line breaks in a json column or in a text tear no frame") {
  TestDatabase database;
  database.exec(
      "CREATE TABLE carts (id int PRIMARY KEY, cart json, note text);"
      "SELECT ordercast.watch('public.carts')");
  ServedNode node(database);
  EventClient client(node.port(), {.stream = "carts"});
  // A blank line ends an SSE frame. PostgreSQL keeps a json column's white space as it was written.
  database.exec(
      "INSERT INTO carts VALUES (1, E'[1,\\n\\n2,\\r\\r3,\\r\\n\\r\\n4]', E'a\\n\\nevent: "
      "reset\\ndata: {}\\r\\n\\r\\nb')");
  database.exec("UPDATE carts SET note = 'next'");
  const auto insert = client.expect("insert");
  CHECK(insert.at("row").at("cart") == json::parse("[1,2,3,4]"));
  CHECK(insert.at("row").at("note") == "a\n\nevent: reset\ndata: {}\r\n\r\nb");
  CHECK(client.expect("update").at("changed").at("note").at(1) == "next");
}

TEST_CASE("A row over 1 MiB is announced by its key, and the stream goes on") {
  OrdersTable orders;
  ServedNode node(orders.database());
  EventClient client(node.port());
  orders.exec(
      "INSERT INTO orders (id, note) VALUES (1, repeat('x', 1048576)), (2, repeat('y', 1000000))");
  orders.exec("UPDATE orders SET note = 'short' WHERE id = 1");
  orders.exec("UPDATE orders SET note = 'shorter' WHERE id = 1");

  const auto large = client.expect("insert");
  CHECK(large.at("key").at("id") == "1");
  CHECK(large.at("row").is_null());
  CHECK(large.at("truncated") == true);
  const auto below = client.expect("insert");
  CHECK(below.at("row").at("note").get<std::string>() == std::string(1'000'000, 'y'));
  CHECK_FALSE(below.contains("truncated"));
  // The old row is over the limit, so what changed cannot be told.
  const auto shortened = client.expect("update");
  CHECK(shortened.at("row").is_null());
  CHECK(shortened.at("truncated") == true);
  CHECK(client.expect("update").at("changed").at("note") == json::parse(R"(["short","shorter"])"));
  CHECK(client.faults().empty());
}

TEST_CASE("A commit is with the client within 50 ms") {
  OrdersTable orders;
  ServedNode node(orders.database());
  EventClient client(node.port());
  // The best of some: that a machine is busy must not matter, that each read is slow must. Where
  // PostgreSQL itself takes long for the INSERT, so may the rest, which is a few statements more.
  using Clock = std::chrono::steady_clock;
  constexpr int kStatements = 10;
  auto best = Clock::duration::max();
  auto insert = Clock::duration::max();
  for (int id = 0; id < 20; ++id) {
    const auto begin = Clock::now();
    orders.exec(fmt::format("INSERT INTO orders (id) VALUES ({})", id));
    insert = std::min(insert, Clock::now() - begin);
    client.expect("insert");
    best = std::min(best, Clock::now() - begin);
  }
  CHECK(best < std::max<Clock::duration>(std::chrono::milliseconds(50), kStatements * insert));
}

TEST_CASE("Changes of other tables are not in a stream") {
  OrdersTable orders;
  orders.exec(
      "CREATE TABLE public.parcels (id int PRIMARY KEY); SELECT ordercast.watch('public.parcels');"
      "CREATE TABLE public.unwatched (id int PRIMARY KEY)");
  ServedNode node(orders.database());
  EventClient client(node.port());
  EventClient parcels(node.port(), {.stream = "parcels"});
  orders.exec(
      "BEGIN; INSERT INTO parcels VALUES (1); INSERT INTO unwatched VALUES (2);"
      "INSERT INTO orders (id) VALUES (3); INSERT INTO parcels VALUES (4); COMMIT");
  CHECK(client.expect("insert").at("key").at("id") == "3");
  CHECK(parcels.expect("insert").at("key").at("id") == 1);
  CHECK(parcels.expect("insert").at("key").at("id") == 4);
  orders.exec("INSERT INTO orders (id) VALUES (5)");
  CHECK(client.expect("insert").at("key").at("id") == "5");
}

}  // namespace
}  // namespace ordercast
