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
  ~Reader() { orders_.database().drop_role("streams"); }
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
       {"SELECT * FROM public.orders",
        "INSERT INTO public.orders (id) VALUES (2)",
        "INSERT INTO ordercast.change_log (stream, op) VALUES ('orders', 't')",
        "DELETE FROM ordercast.change_log",
        "UPDATE ordercast.history SET floor_tx = '0'",
        "SELECT ordercast.set_retention('1 day')",
        "SELECT ordercast.watch('public.orders')",
        "SELECT ordercast.unwatch('orders')",
        "SELECT ordercast.grant_reader('streams')",
        "SELECT nextval('ordercast.change_seq')",
        "CREATE TABLE public.mine (id int)",
        "CREATE TABLE ordercast.mine (id int)",
        "SELECT * FROM ordercast.stream",
        "CREATE SCHEMA mine",
        "CREATE FUNCTION ordercast.mine() RETURNS int LANGUAGE sql AS 'SELECT 1'",
        "TRUNCATE ordercast.change_log",
        "COPY public.orders TO STDOUT",
        "COPY ordercast.change_log FROM STDIN",
        "COPY (SELECT 1) TO PROGRAM 'true'",
        "SELECT pg_read_file('PG_VERSION')",

        "SELECT ordercast.publish('orders', 'forged', '{}')",
        "ALTER SYSTEM SET fsync = off",
        "SET ROLE postgres",
        "SET SESSION AUTHORIZATION postgres"}) {
    INFO(denied);
    CHECK_THROWS_AS(sql.exec(denied), pqxx::insufficient_privilege);
  }
}

// All functions of the schema, whoever adds one.
TEST_CASE("No function of the schema is for everybody, or takes its path from who calls") {
  OrdersTable orders;
  const Reader reader(orders);
  const auto functions_that = [&](const std::string& condition) {
    return orders.database().scalar(
        "SELECT coalesce(string_agg(proname, ' ' ORDER BY proname), '') FROM pg_proc p "
        "WHERE pronamespace = 'ordercast'::regnamespace AND " +
        condition);
  };
  REQUIRE(functions_that("proname = 'open_rows'") == "open_rows");
  CHECK(functions_that("EXISTS (SELECT FROM aclexplode(coalesce(proacl, acldefault('f', proowner)))"
                       "  WHERE grantee = 0)")
            .empty());
  CHECK(functions_that("prosecdef AND NOT EXISTS (SELECT FROM unnest(proconfig) c "
                       "  WHERE c = 'search_path=pg_catalog, pg_temp')")
            .empty());
  // What a server needs: to read, to keep house, to wake, and to ask for writing with its own
  // rights.
  CHECK(functions_that("has_function_privilege('streams', oid, 'EXECUTE')") ==
        "arm disarm open_rows post_message present_row prune recognise retention set_watermark "
        "wake_key write_row write_statements");
  CHECK(
      orders.database()
          .scalar(
              "SELECT coalesce(string_agg(relname || ' ' || privilege, ', '), '') FROM pg_class,"
              "  unnest('{INSERT,UPDATE,DELETE,TRUNCATE,REFERENCES,TRIGGER}'::text[]) privilege "
              "WHERE relnamespace IN ('ordercast'::regnamespace, 'public'::regnamespace)"
              "  AND relkind IN ('r', 'p', 'v') AND has_table_privilege('streams', oid, privilege)")
          .empty());
}

}  // namespace
}  // namespace ordercast
