// Every kind of statement that changes rows is logged: once, exactly, and nothing else is.
#include <catch2/catch.hpp>
#include <string>

#include "integration/capture_log.h"

namespace ordercast {
namespace {

using testing::changes_of;
using testing::folded;
using testing::present_rows;
using testing::TestDatabase;

class Shop : public TestDatabase {
 public:
  Shop() {
    exec(
        "CREATE TABLE orders (id int PRIMARY KEY, status text, note text);"
        "SELECT ordercast.watch('orders', columns => '{id,status}')");
  }
  std::string changes(const std::string& sql) { return changes_of(*this, "orders", sql); }
};

TEST_CASE("insert, update and delete are logged with the rows they left and found") {
  Shop shop;
  CHECK(shop.changes("INSERT INTO orders VALUES (1, 'created'), (2, NULL)") ==
        "i {\"id\":1} - {\"id\":1,\"status\":\"created\"}\n"
        "i {\"id\":2} - {\"id\":2,\"status\":null}\n");
  CHECK(shop.changes("UPDATE orders SET status = 'paid' WHERE id = 1") ==
        "u {\"id\":1} {\"id\":1,\"status\":\"created\"} {\"id\":1,\"status\":\"paid\"}\n");
  CHECK(shop.changes("DELETE FROM orders WHERE id = 1") ==
        "d {\"id\":1} {\"id\":1,\"status\":\"paid\"} -\n");
}

TEST_CASE("what changes nothing that is sent is not logged") {
  Shop shop;
  shop.exec("INSERT INTO orders VALUES (1, 'created'), (2, NULL)");
  CHECK(shop.changes("UPDATE orders SET status = status").empty());
  CHECK(shop.changes("UPDATE orders SET note = 'only for us'").empty());
  CHECK(shop.changes("UPDATE orders SET status = 'paid' WHERE id = 3").empty());
  CHECK(shop.changes("DELETE FROM orders WHERE id = 3").empty());
  CHECK(shop.changes("INSERT INTO orders SELECT 1 WHERE false").empty());
}

TEST_CASE("a changed key is logged as the end of one row and the beginning of another") {
  Shop shop;
  shop.exec("INSERT INTO orders VALUES (1, 'a')");
  const auto changes = shop.changes("UPDATE orders SET id = 2");
  CHECK(changes.find("d {\"id\":1} {\"id\":1,\"status\":\"a\"} -\n") != std::string::npos);
  CHECK(changes.find("i {\"id\":2} - {\"id\":2,\"status\":\"a\"}\n") != std::string::npos);
}

TEST_CASE("truncate is logged as one change without a key") {
  Shop shop;
  shop.exec("INSERT INTO orders VALUES (1, 'a'), (2, 'b')");
  CHECK(shop.changes("TRUNCATE orders") == "t - - -\n");
}

TEST_CASE("ON CONFLICT is logged as what it did to each row") {
  Shop shop;
  shop.exec("INSERT INTO orders VALUES (1, 'a')");
  shop.exec(
      "INSERT INTO orders VALUES (1, 'b'), (2, 'b') ON CONFLICT (id) DO UPDATE SET status = "
      "excluded.status");
  CHECK(folded(shop, "orders") == present_rows(shop, "orders"));
  CHECK(shop.changes("INSERT INTO orders VALUES (1, 'c') ON CONFLICT DO NOTHING").empty());
  CHECK(shop.changes(
            "INSERT INTO orders VALUES (1, 'd') ON CONFLICT (id) DO UPDATE SET status = 'd'") ==
        "u {\"id\":1} {\"id\":1,\"status\":\"b\"} {\"id\":1,\"status\":\"d\"}\n");
}

TEST_CASE("COPY is logged") {
  Shop shop;
  const auto session = shop.connect();
  pqxx::work work(*session);
  pqxx::stream_to copy(work, "orders", std::vector<std::string>{"id", "status"});
  copy << std::make_tuple(1, "a") << std::make_tuple(2, "b");
  copy.complete();
  work.commit();
  CHECK(folded(shop, "orders").size() == 2);
  CHECK(folded(shop, "orders") == present_rows(shop, "orders"));
}

TEST_CASE("MERGE is logged as what it did to each row") {
  Shop shop;
  if (shop.scalar("SELECT current_setting('server_version_num')::int < 150000") == "t") return;
  shop.exec("INSERT INTO orders VALUES (1, 'a'), (2, 'b'), (3, 'c')");
  shop.exec(
      "MERGE INTO orders USING (VALUES (1, 'delete'), (2, 'update'), (4, 'insert')) AS s (id, "
      "what) ON s.id = orders.id "
      "WHEN MATCHED AND what = 'delete' THEN DELETE WHEN MATCHED THEN UPDATE SET status = what "
      "WHEN NOT MATCHED THEN INSERT VALUES (s.id, what)");
  CHECK(folded(shop, "orders") == present_rows(shop, "orders"));
  CHECK(present_rows(shop, "orders").size() == 3);
}

TEST_CASE("rows that a foreign key's cascade deletes are logged") {
  TestDatabase db;
  db.exec(
      "CREATE TABLE merchants (id int PRIMARY KEY);"
      "CREATE TABLE orders (id int PRIMARY KEY, merchant int REFERENCES merchants ON DELETE "
      "CASCADE ON UPDATE CASCADE);"
      "SELECT ordercast.watch('orders');"
      "INSERT INTO merchants VALUES (1), (2); INSERT INTO orders VALUES (10, 1), (20, 2)");
  CHECK(changes_of(db, "orders", "UPDATE merchants SET id = 3 WHERE id = 2") ==
        "u {\"id\":20} {\"id\":20,\"merchant\":2} {\"id\":20,\"merchant\":3}\n");
  CHECK(changes_of(db, "orders", "DELETE FROM merchants WHERE id = 1") ==
        "d {\"id\":10} {\"id\":10,\"merchant\":1} -\n");
}

TEST_CASE("common table expressions that change rows are logged") {
  Shop shop;
  shop.exec("INSERT INTO orders VALUES (1, 'a'), (2, 'b')");
  shop.exec(
      "WITH gone AS (DELETE FROM orders WHERE id = 1 RETURNING status), "
      "new AS (INSERT INTO orders SELECT 3, status FROM gone RETURNING id) "
      "UPDATE orders SET status = 'z' WHERE id = 2 AND EXISTS (SELECT FROM new)");
  CHECK(folded(shop, "orders") == present_rows(shop, "orders"));
  CHECK(present_rows(shop, "orders").size() == 2);
}

TEST_CASE("what is rolled back, whole or to a savepoint, is not in the log") {
  Shop shop;
  CHECK(
      shop.changes(
          "BEGIN; INSERT INTO orders VALUES (1, 'a'); SAVEPOINT s; UPDATE orders SET status = 'b'; "
          "ROLLBACK TO s; COMMIT") == "i {\"id\":1} - {\"id\":1,\"status\":\"a\"}\n");
  CHECK(shop.changes("BEGIN; DELETE FROM orders; ROLLBACK").empty());
}

TEST_CASE("all changes of a transaction bear its top-level id, savepoint or not") {
  Shop shop;
  shop.exec(
      "BEGIN; INSERT INTO orders VALUES (1, pg_current_xact_id()::text); SAVEPOINT s; INSERT INTO "
      "orders VALUES (2, "
      "pg_current_xact_id()::text); RELEASE s; COMMIT");
  CHECK(shop.scalar("SELECT count(*) FROM ordercast.change_log WHERE op = 'i' AND tx::text = "
                    "new_row::json->>'status'") == "2");
}

TEST_CASE("rows written in replica role, as by a bulk load that disables triggers so, are logged") {
  Shop shop;
  CHECK(shop.changes("SET session_replication_role = replica; INSERT INTO orders VALUES (1, 'a'); "
                     "RESET session_replication_role") ==
        "i {\"id\":1} - {\"id\":1,\"status\":\"a\"}\n");
}

TEST_CASE("a composite key is an object of its columns in the key's order") {
  TestDatabase db;
  db.exec(
      "CREATE TABLE lines (line int, sku text, order_id bigint, PRIMARY KEY (order_id, line));"
      "SELECT ordercast.watch('lines')");
  CHECK(changes_of(db, "lines", "INSERT INTO lines VALUES (1, 'tea', 7), (2, 'cup', 7)") ==
        "i {\"order_id\":\"7\",\"line\":1} - {\"line\":1,\"sku\":\"tea\",\"order_id\":\"7\"}\n"
        "i {\"order_id\":\"7\",\"line\":2} - {\"line\":2,\"sku\":\"cup\",\"order_id\":\"7\"}\n");
  db.exec(
      "UPDATE lines SET line = line + 10; UPDATE lines SET order_id = 8 WHERE line = 11; DELETE "
      "FROM "
      "lines WHERE line = 2");
  CHECK(folded(db, "lines") == present_rows(db, "lines"));
}

TEST_CASE("a replica identity index is the key of a table that has no primary key") {
  TestDatabase db;
  db.exec(
      "CREATE TABLE orders (number text NOT NULL, note text);"
      "CREATE UNIQUE INDEX by_number ON orders (number); ALTER TABLE orders REPLICA IDENTITY USING "
      "INDEX by_number;"
      "SELECT ordercast.watch('orders')");
  CHECK(changes_of(db, "orders", "INSERT INTO orders VALUES ('A-1', 'x')") ==
        "i {\"number\":\"A-1\"} - {\"number\":\"A-1\",\"note\":\"x\"}\n");
}

}  // namespace
}  // namespace ordercast
