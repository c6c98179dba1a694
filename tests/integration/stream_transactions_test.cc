// What is rolled back never reaches a client; what is committed does, once, whatever else runs.
#include <catch2/catch.hpp>
#include <string>
#include <vector>

#include "support/event_client.h"
#include "support/node.h"
#include "support/orders_table.h"

namespace ordercast {
namespace {

using namespace testing;

// The ids of the next orders that arrive, up to the one with the id "last".
std::vector<std::string> ids_until(EventClient& client, const std::string& last) {
  std::vector<std::string> ids;
  while (ids.empty() || ids.back() != last) {
    ids.push_back(client.expect("insert").at("key").at("id").get<std::string>());
  }
  return ids;
}

TEST_CASE("A transaction that is rolled back is never seen") {
  OrdersTable orders;
  ServedNode node(orders.database());
  EventClient client(node.port(), {.from_empty = true});
  orders.exec("BEGIN; INSERT INTO orders (id) VALUES (1); ROLLBACK");
  orders.exec("INSERT INTO orders (id) VALUES (2)");
  CHECK_THROWS(orders.exec("INSERT INTO orders (id) VALUES (3), (2)"));
  CHECK_THROWS(orders.exec("BEGIN; INSERT INTO orders (id) VALUES (4); SELECT 1 / 0"));
  orders.exec("ROLLBACK");
  orders.exec("INSERT INTO orders (id) VALUES (5)");
  CHECK(ids_until(client, "5") == std::vector<std::string>{"2", "5"});
  CHECK(client.rows() == orders.rows());
}

TEST_CASE("Of savepoints only those are seen that were not rolled back") {
  OrdersTable orders;
  ServedNode node(orders.database());
  EventClient client(node.port(), {.from_empty = true});
  orders.exec(
      "BEGIN; INSERT INTO orders (id) VALUES (1);"
      "SAVEPOINT a; INSERT INTO orders (id) VALUES (2);"
      "SAVEPOINT b; INSERT INTO orders (id) VALUES (3);"
      "ROLLBACK TO b; INSERT INTO orders (id) VALUES (4); RELEASE a;"
      "SAVEPOINT c; INSERT INTO orders (id) VALUES (5); ROLLBACK TO c;"
      "SAVEPOINT d; INSERT INTO orders (id) VALUES (6); RELEASE d; COMMIT");
  // An exception block of PL/pgSQL is a savepoint too.
  orders.exec(
      "DO $$ BEGIN"
      "  BEGIN INSERT INTO orders (id) VALUES (7); RAISE division_by_zero;"
      "  EXCEPTION WHEN division_by_zero THEN INSERT INTO orders (id) VALUES (8); END;"
      "END $$");
  CHECK(ids_until(client, "8") == std::vector<std::string>{"1", "2", "4", "6", "8"});
  CHECK(client.rows() == orders.rows());
}

}  // namespace
}  // namespace ordercast
