#include "pg/watch.h"

#include <catch2/catch.hpp>

#include "pg/connection.h"
#include "support/test_database.h"

namespace ordercast::pg {
namespace {

using Catch::Matchers::Contains;
using testing::TestDatabase;

class Shop {
 public:
  Shop() : connection_(connect(database_.url())) {
    database_.exec(
        "CREATE TABLE public.orders (id bigint PRIMARY KEY, merchant_id int, note text);"
        "CREATE SCHEMA \"Odd\"; CREATE TABLE \"Odd\".\"Ta,ble\" (id int PRIMARY KEY, "
        "\"a\"\"b\\c,d\" text, e int)");
  }
  TestDatabase& database() { return database_; }
  pqxx::connection& connection() { return *connection_; }
  std::string log_rows() {
    return database_.scalar("SELECT count(*) FROM ordercast.change_log WHERE new_row IS NOT NULL");
  }

 private:
  TestDatabase database_;
  std::unique_ptr<pqxx::connection> connection_;
};

TEST_CASE("A table without schema is looked for as in the role's own sessions") {
  Shop shop;
  CHECK(watch(shop.connection(), "orders") == "orders");
  shop.database().exec("INSERT INTO orders VALUES (1, 7, 'x')");
  CHECK(shop.log_rows() == "1");

  CHECK(unwatch(shop.connection(), "orders"));
  shop.database().exec("INSERT INTO orders VALUES (2, 7, 'x')");
  CHECK(shop.log_rows() == "1");
  CHECK_FALSE(unwatch(shop.connection(), "orders"));
}

TEST_CASE("Stream, tenant and columns arrive as they were given, quotes and commas included") {
  Shop shop;
  const std::string odd = "a\"b\\c,d";
  const WatchOptions options{.stream = "odd", .tenant = "e", .columns = {{odd}}};
  CHECK(watch(shop.connection(), "\"Odd\".\"Ta,ble\"", options) == "odd");
  CHECK(shop.database().scalar("SELECT tenant FROM ordercast.stream WHERE name = 'odd'") == "e");
  CHECK(shop.database().scalar("SELECT columns[1] FROM ordercast.stream WHERE name = 'odd'") ==
        odd);
}

TEST_CASE("The name of a table is a value and never SQL") {
  Shop shop;
  CHECK_THROWS_AS(watch(shop.connection(), "orders'); DROP TABLE orders; --"), Refused);
  CHECK_THROWS_AS(watch(shop.connection(), "orders; DROP TABLE orders"), Refused);
  CHECK(shop.database().scalar("SELECT to_regclass('public.orders')") == "orders");
}

TEST_CASE("A missing table is named, with what to do") {
  Shop shop;
  CHECK_THROWS_WITH(watch(shop.connection(), "shop.ordres"),
                    Contains("there is no table shop.ordres") && Contains(shop.database().name()) &&
                        Contains("Give its schema"));
}

TEST_CASE("What the database refuses is said without the context lines of our SQL") {
  Shop shop;
  CHECK_THROWS_WITH(watch(shop.connection(), "orders", {.tenant = "shop_id"}),
                    Contains("shop_id") && !Contains("CONTEXT") && !Contains("ERROR:"));
}

TEST_CASE("A database without the schema says to migrate") {
  Shop shop;
  shop.database().exec("DROP SCHEMA ordercast CASCADE");
  CHECK_THROWS_WITH(watch(shop.connection(), "orders"), Contains("ordercast migrate"));
  CHECK_THROWS_WITH(unwatch(shop.connection(), "orders"), Contains("ordercast migrate"));
}

TEST_CASE("A busy table is tried again until its writer has ended") {
  Shop shop;
  auto writer_session = shop.database().connect();
  auto writer = std::make_unique<pqxx::work>(*writer_session);
  writer->exec("INSERT INTO orders VALUES (1, 7, 'x')");

  int attempts = 0;
  Persistence persistence;
  persistence.waiting = [&](int count) { attempts = count; };
  persistence.sleep = [&](Persistence::Millis) {
    if (attempts < 2) return;
    writer->commit();
    writer.reset();
  };
  CHECK(watch(shop.connection(), "orders", {}, persistence) == "orders");
  CHECK(attempts == 2);
}

TEST_CASE("A table that stays busy is given up within the limit, with what to do") {
  Shop shop;
  auto writer_session = shop.database().connect();
  pqxx::work writer(*writer_session);
  writer.exec("INSERT INTO orders VALUES (1, 7, 'x')");

  Persistence::Millis paused{0};
  Persistence persistence;
  persistence.limit = Persistence::Millis(1500);
  persistence.sleep = [&](Persistence::Millis pause) { paused += pause; };
  CHECK_THROWS_WITH(watch(shop.connection(), "orders", {}, persistence),
                    Contains("the table orders stayed busy") && Contains("pg_stat_activity"));
  CHECK(paused <= persistence.limit);
  writer.exec("INSERT INTO orders VALUES (2, 7, 'x')");  // and the writer was not disturbed
}

}  // namespace
}  // namespace ordercast::pg
