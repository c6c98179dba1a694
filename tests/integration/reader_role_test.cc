// The server needs no more than ordercast.grant_reader() gives.
#include <catch2/catch.hpp>

#include "support/event_client.h"
#include "support/eventually.h"
#include "support/node.h"
#include "support/orders_table.h"

namespace ordercast {
namespace {

using namespace testing;

// A role as an operator would make it for the server; roles belong to the whole cluster.
class Reader {
 public:
  explicit Reader(OrdersTable& orders) : orders_(orders) {
    orders_.exec("CREATE ROLE streams LOGIN; SELECT ordercast.grant_reader('streams')");
  }
  ~Reader() {
    orders_.exec(
        "SELECT pg_terminate_backend(pid, 5000) FROM pg_stat_activity WHERE usename = 'streams';"
        "DROP OWNED BY streams; DROP ROLE streams");
  }
  [[nodiscard]] std::string url() const {
    // The last of two equal words counts.
    return orders_.database().url() + " user=streams";
  }

 private:
  OrdersTable& orders_;
};

TEST_CASE("A role that may only read the log serves live changes, resumes and snapshots") {
  OrdersTable orders;
  const Reader reader(orders);
  orders.exec("INSERT INTO orders (id) VALUES (1)");
  ServedNode node({"serve", "--database", reader.url()});
  node.wait_until_ready();
  REQUIRE(orders.database().scalar(
              "SELECT count(*) > 0 FROM pg_stat_activity WHERE usename = 'streams'") == "t");

  EventClient client(node.port(), {.query = "snapshot=true"});
  client.expect("insert");
  client.expect("ready");
  orders.exec("INSERT INTO orders (id) VALUES (2)");
  client.expect("insert");
  client.drop();
  orders.exec("DELETE FROM orders WHERE id = 1");
  client.resume();
  client.expect("delete");
  CHECK(client.rows() == orders.rows());

  // Watching goes on being told, and what is watched later may be read too.
  orders.exec(
      "CREATE TABLE public.parcels (id int PRIMARY KEY); INSERT INTO parcels VALUES (1);"
      "SELECT ordercast.watch('public.parcels')");
  REQUIRE(eventually(
      [&] { return node.get("/v1/streams/nothing").body.find("parcels") != std::string::npos; }));
  EventClient parcels(node.port(), {.stream = "parcels", .query = "snapshot=true"});
  CHECK(parcels.expect("insert").at("row").at("id") == 1);
  parcels.expect("ready");
}

TEST_CASE("The reader role can neither read the tables themselves nor write") {
  OrdersTable orders;
  const Reader reader(orders);
  orders.exec("INSERT INTO orders (id) VALUES (1)");
  pqxx::connection connection(reader.url());
  pqxx::nontransaction sql(connection);
  REQUIRE(sql.exec("SELECT FROM ordercast.change_log").size() == 2);
  for (const auto* denied :
       {"SELECT * FROM public.orders", "INSERT INTO public.orders (id) VALUES (2)",
        "INSERT INTO ordercast.change_log (stream, op) VALUES ('orders', 't')",
        "DELETE FROM ordercast.change_log", "UPDATE ordercast.history SET floor_tx = '0'",
        "SELECT ordercast.set_retention('1 day')", "SELECT ordercast.watch('public.orders')",
        "SELECT ordercast.unwatch('orders')", "SELECT ordercast.grant_reader('streams')",
        "SELECT nextval('ordercast.change_seq')", "CREATE TABLE public.mine (id int)",
        "CREATE TABLE ordercast.mine (id int)", "SELECT * FROM ordercast.stream"}) {
    INFO(denied);
    CHECK_THROWS_AS(sql.exec(denied), pqxx::insufficient_privilege);
  }
}

}  // namespace
}  // namespace ordercast
