// Tables are watched and unwatched while the server serves.
#include <catch2/catch.hpp>
#include <memory>
#include <nlohmann/json.hpp>

#include "support/event_client.h"
#include "support/eventually.h"
#include "support/node.h"
#include "support/test_database.h"

namespace ordercast {
namespace {

using namespace testing;
using nlohmann::json;

class Shop {
 public:
  Shop() {
    database_.exec(
        "CREATE TABLE public.orders (id bigint PRIMARY KEY, customer text, secret text);"
        "CREATE TABLE public.parcels (id int PRIMARY KEY, weight int)");
  }
  TestDatabase& database() { return database_; }

  // Runs `ordercast <verb> --database … <arguments…>`.
  CommandResult run(const std::string& verb, std::vector<std::string> arguments) const {
    std::vector<std::string> command{verb, "--database", database_.url()};
    command.insert(command.end(), arguments.begin(), arguments.end());
    return run_ordercast(command);
  }

 private:
  TestDatabase database_;
};

TEST_CASE("A table that is watched while the server runs has a stream at once") {
  Shop shop;
  ServedNode node(shop.database());
  const auto before = node.get("/v1/streams/orders");
  CHECK(before.status == 404);
  CHECK_THAT(json::parse(before.body).at("detail"), Catch::Contains("no table is watched yet"));

  const auto watched = shop.run("watch", {"orders"});
  CHECK(watched.code == 0);
  CHECK_THAT(watched.out, Catch::Contains("/v1/streams/orders"));
  REQUIRE(eventually([&] {
    EventStreamClient client(node.port(), "/v1/streams/orders");
    return client.response().status == 200;
  }));
  EventClient client(node.port());
  shop.database().exec("INSERT INTO orders VALUES (1, 'Ada', 'x')");
  CHECK(client.expect("insert").at("row").at("customer") == "Ada");
}

TEST_CASE("Unwatching ends the open streams of a table; the others go on and are listed") {
  Shop shop;
  REQUIRE(shop.run("watch", {"orders"}).code == 0);
  REQUIRE(shop.run("watch", {"public.parcels"}).code == 0);
  ServedNode node(shop.database());
  EventClient orders(node.port());
  EventClient parcels(node.port(), {.stream = "parcels"});

  const auto unwatched = shop.run("unwatch", {"orders"});
  CHECK(unwatched.code == 0);
  CHECK(orders.next() == std::nullopt);
  CHECK(orders.stream().ended_properly());
  const auto gone = node.get("/v1/streams/orders");
  CHECK(gone.status == 404);
  const auto error = json::parse(gone.body);
  CHECK(error.at("code") == "unknown_stream");
  CHECK(error.at("detail") == "there is no stream 'orders'; the streams are: parcels");

  // The table is as it was before it was watched.
  shop.database().exec("INSERT INTO orders VALUES (1, 'Ada', 'x')");
  shop.database().exec("INSERT INTO parcels VALUES (1, 5)");
  CHECK(parcels.expect("insert").at("row").at("weight") == 5);

  const auto again = shop.run("unwatch", {"orders"});
  CHECK(again.code == 1);
  CHECK_THAT(again.err, Catch::Contains("there is no stream 'orders'"));
}

TEST_CASE("A client that was away while a table was not watched starts over") {
  Shop shop;
  REQUIRE(shop.run("watch", {"orders"}).code == 0);
  auto node = std::make_unique<ServedNode>(shop.database());
  EventClient client(node->port());
  shop.database().exec("INSERT INTO orders VALUES (1, 'Ada', 'x')");
  client.expect("insert");
  client.drop();
  node.reset();

  REQUIRE(shop.run("unwatch", {"orders"}).code == 0);
  shop.database().exec("DELETE FROM orders");  // which is in no log
  REQUIRE(shop.run("watch", {"orders"}).code == 0);
  shop.database().exec("INSERT INTO orders VALUES (2, 'Bea', 'y')");
  ServedNode later(shop.database());
  client.resume(later.port());
  CHECK(client.hello().at("resumed") == true);
  CHECK(client.expect("reset").at("reason") == "reload");
  CHECK(client.expect("insert").at("key").at("id") == "2");
}

TEST_CASE("A client that listens while a stream becomes another table's starts over") {
  Shop shop;
  REQUIRE(shop.run("watch", {"orders"}).code == 0);
  ServedNode node(shop.database());
  EventClient client(node.port());
  shop.database().exec(
      "SELECT ordercast.unwatch('orders'); ALTER TABLE orders RENAME TO old_orders;"
      "CREATE TABLE public.orders (LIKE old_orders INCLUDING ALL);"
      "SELECT ordercast.watch('public.orders')");
  CHECK(client.expect("reset").at("reason") == "reload");
  shop.database().exec("INSERT INTO orders VALUES (2, 'Bea', 'y')");
  CHECK(client.expect("insert").at("key").at("id") == "2");
}

TEST_CASE("Columns that are not to be sent are in no event and in no row") {
  Shop shop;
  REQUIRE(
      shop.run("watch", {"orders", "--stream", "public_orders", "--columns", "customer"}).code ==
      0);
  shop.database().exec("INSERT INTO orders VALUES (1, 'Ada', 'hidden')");
  ServedNode node(shop.database());
  EventClient client(node.port(), {.stream = "public_orders", .query = "snapshot=true"});
  const auto row = client.expect("insert");
  CHECK(row.at("row") == json::parse(R"({"id":"1","customer":"Ada"})"));
  client.expect("ready");

  shop.database().exec("UPDATE orders SET secret = 'hidden too'");
  shop.database().exec("UPDATE orders SET secret = 'hidden as well', customer = 'Bea'");
  // The update of hidden columns alone is none for this stream.
  const auto update = client.expect("update");
  CHECK(update.at("changed") == json::parse(R"({"customer":["Ada","Bea"]})"));
  shop.database().exec("DELETE FROM orders");
  CHECK_THAT(client.expect("delete").dump(), !Catch::Contains("hidden"));
  CHECK_THAT(update.dump(), !Catch::Contains("hidden") && !Catch::Contains("secret"));
  // It was never written to the log either.
  CHECK(shop.database().scalar("SELECT count(*) FROM ordercast.change_log"
                               " WHERE concat(old_row, new_row) ~ 'hidden|secret'") == "0");
}

TEST_CASE("Columns that are shown or hidden later are so in the events that follow") {
  Shop shop;
  REQUIRE(shop.run("watch", {"orders", "--columns", "customer"}).code == 0);
  ServedNode node(shop.database());
  EventClient client(node.port());
  // What is sent of a stream with chosen columns does not change under who is listening: it ends,
  // to go on from there with those that there are now.
  const auto comes_back = [&client] {
    CHECK(client.next() == std::nullopt);
    client.resume();
    CHECK(client.expect("reset").at("reason") == "reload");
  };
  REQUIRE(shop.run("watch", {"orders"}).code == 0);
  comes_back();
  shop.database().exec("INSERT INTO orders VALUES (1, 'Ada', 'shown')");
  CHECK(client.expect("insert").at("row").at("secret") == "shown");
  REQUIRE(shop.run("watch", {"orders", "--columns", "customer"}).code == 0);
  comes_back();
  shop.database().exec("INSERT INTO orders VALUES (2, 'Bea', 'hidden')");
  CHECK_FALSE(client.expect("insert").at("row").contains("secret"));
}

TEST_CASE("A client that asked for the rows gets them again after each reset of a table") {
  Shop shop;
  REQUIRE(shop.run("watch", {"orders"}).code == 0);
  shop.database().exec("INSERT INTO orders VALUES (1, 'Ada', 'x'), (2, 'Bea', 'y')");
  ServedNode node(shop.database());
  EventClient client(node.port(), {.query = "snapshot=true"});
  client.take_until([&] { return client.count("ready") == 1; });
  const auto before = client.cursor();

  // In one transaction with changes before and after: what the rows hold is not told once more.
  shop.database().exec(
      "BEGIN; DELETE FROM orders WHERE id = 1; ALTER TABLE orders ADD COLUMN note text DEFAULT "
      "'new';"
      "UPDATE orders SET secret = 'z'; COMMIT");
  const auto check_reload = [](EventClient& reader) {
    CHECK(reader.expect("reset").at("reason") == "reload");
    CHECK(reader.expect("insert").at("row") ==
          json::parse(R"({"id":"2","customer":"Bea","secret":"z","note":"new"})"));
    reader.expect("ready");
  };
  check_reload(client);
  shop.database().exec("UPDATE orders SET note = 'newer'");
  CHECK(client.expect("update").at("changed").at("note") == json::parse(R"(["new","newer"])"));

  // So does one that comes back later, on another node: from the history in the database.
  ServedNode other(shop.database());
  EventClient late(other.port(), {.query = "snapshot=true", .cursor = before});
  CHECK(late.hello().at("resumed") == true);
  CHECK(late.expect("reset").at("reason") == "reload");
  CHECK(late.expect("insert").at("row").at("note") == "newer");
  late.expect("ready");

  shop.database().exec("TRUNCATE orders");
  for (auto* reader : {&client, &late}) {
    CHECK(reader->expect("reset").at("reason") == "truncate");
    reader->expect("ready");
    CHECK(reader->faults() == std::vector<std::string>{});
  }
}

TEST_CASE("The watch verbs say what is wrong") {
  Shop shop;
  const auto missing = shop.run("watch", {"order"});
  CHECK(missing.code == 1);
  CHECK_THAT(missing.err, Catch::Contains("there is no table order"));
  const auto column = shop.run("watch", {"orders", "--columns", "customer,secrets"});
  CHECK(column.code == 1);
  CHECK_THAT(column.err, Catch::Contains("has no column \"secrets\"") && Catch::Contains("secret"));
  CHECK(shop.run("watch", {}).code != 0);
}

}  // namespace
}  // namespace ordercast
