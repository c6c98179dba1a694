// A watched table may be altered, renamed, partitioned and dropped: no write of the shop fails, and
// the stream goes on or says that it does not.
#include <catch2/catch.hpp>
#include <string>

#include "integration/capture_log.h"
#include "integration/capture_role.h"

namespace ordercast {
namespace {

using testing::changes_of;
using testing::folded;
using testing::present_rows;
using testing::ScratchRole;
using testing::TestDatabase;

constexpr char kShop[] =
    "CREATE TABLE orders (id int PRIMARY KEY, status text, total bigint);"
    "SELECT ordercast.watch('orders');"
    "INSERT INTO orders VALUES (1, 'a', 5), (2, 'b', 6)";

// As where the installer is no superuser, or somebody switched them off.
void without_event_triggers(TestDatabase& db) {
  db.exec(
      "ALTER EVENT TRIGGER ordercast_follow_ddl DISABLE; ALTER EVENT TRIGGER ordercast_follow_drop "
      "DISABLE");
}

// A watched table with a row, where the log and what reads the rows are of a role without more
// rights than it needs.
void watch_as(TestDatabase& db, const ScratchRole& owner) {
  for (const std::string what :
       {"SCHEMA", "ALL TABLES IN SCHEMA", "ALL SEQUENCES IN SCHEMA", "ALL FUNCTIONS IN SCHEMA"}) {
    db.exec("GRANT ALL ON " + what + " ordercast TO " + owner.name());
  }
  db.exec("ALTER SCHEMA ordercast OWNER TO " + owner.name() +
          "; ALTER FUNCTION ordercast.open_rows OWNER TO " + owner.name() +
          "; CREATE TABLE orders (id int PRIMARY KEY, v int); GRANT SELECT ON orders TO " +
          owner.name() + "; SELECT ordercast.watch('orders'); INSERT INTO orders VALUES (1, 1)");
}

TEST_CASE("the stream follows ALTER TABLE in its transaction") {
  TestDatabase db;
  db.exec(kShop);
  const auto [alter, inserted] = GENERATE(table<std::string, std::string>({
      {"ADD COLUMN note text", "{\"id\":3,\"status\":\"c\",\"total\":\"7\",\"note\":null}"},
      {"DROP COLUMN total", "{\"id\":3,\"status\":\"c\"}"},
      {"RENAME COLUMN status TO state", "{\"id\":3,\"state\":\"c\",\"total\":\"7\"}"},
      {"ALTER COLUMN id TYPE bigint", "{\"id\":\"3\",\"status\":\"c\",\"total\":\"7\"}"},
      {"RENAME TO sales", "{\"id\":3,\"status\":\"c\",\"total\":\"7\"}"},
      {"SET SCHEMA elsewhere", "{\"id\":3,\"status\":\"c\",\"total\":\"7\"}"},
  }));
  CAPTURE(alter);
  db.exec("CREATE SCHEMA elsewhere; BEGIN; ALTER TABLE orders " + alter);
  const auto table = db.scalar("SELECT relation FROM ordercast.stream");
  db.exec("INSERT INTO " + table + " VALUES (3, 'c'" +
          (alter == "DROP COLUMN total" ? ")" : ", 7)") + "; COMMIT");
  CHECK(testing::logged(db, "orders").back().new_row == inserted);
  // Twice in one client statement: also the careful way.
  db.exec("DO $$BEGIN DELETE FROM " + table + " WHERE id = 1; DELETE FROM " + table +
          " WHERE id = 2; END$$");
  CHECK(testing::logged(db, "orders").back().op == 'd');
  // The text of a regclass leaves out a schema that search_path holds; the catalog never does.
  CHECK(db.scalar("SELECT table_name FROM ordercast.catalog") ==
        (table.find('.') == std::string::npos ? "public." + table : table));
}

TEST_CASE("clients start over where rows look different after ALTER TABLE, not otherwise") {
  TestDatabase db;
  db.exec(kShop);
  CHECK(changes_of(db, "orders", "ALTER TABLE orders ADD COLUMN note text DEFAULT 'x'") ==
        "r - - -\n");
  CHECK(changes_of(db, "orders",
                   "ALTER TABLE orders ADD CHECK (id > 0); CREATE INDEX ON orders (status)")
            .empty());
  CHECK(db.scalar("SELECT count(*) FROM ordercast.change_log WHERE op = 'c'") == "2");
}

TEST_CASE("clients start over where rows were computed anew, not where they are stored otherwise") {
  TestDatabase db;
  db.exec(kShop);
  const std::string alter = "ALTER TABLE orders ALTER COLUMN total TYPE ";
  CHECK(changes_of(db, "orders", alter + "bigint USING total * 100") == "r - - -\n");
  // Once, where it is to be seen from the columns as well.
  CHECK(changes_of(db, "orders", alter + "numeric USING total / 100") == "r - - -\n");
  CHECK(changes_of(db, "orders",
                   "ALTER TABLE orders SET UNLOGGED; ALTER TABLE orders SET LOGGED;"
                   "CREATE TABLE other (id int); ALTER TABLE other ALTER id TYPE int USING id + 1;"
                   "ALTER TABLE orders ADD CHECK (id > 0)")
            .empty());
}

TEST_CASE("clients start over where a label of an enum was renamed, not where one came") {
  TestDatabase db;
  db.exec(
      "CREATE TYPE state AS ENUM ('new', 'paid');"
      "CREATE TABLE orders (id int PRIMARY KEY, state state); SELECT ordercast.watch('orders');"
      "INSERT INTO orders VALUES (1, 'paid')");
  CHECK(changes_of(db, "orders", "ALTER TYPE state ADD VALUE 'packed' BEFORE 'paid'").empty());
  CHECK(changes_of(db, "orders", "ALTER TYPE state RENAME VALUE 'paid' TO 'settled'") ==
        "r - - -\n");
}

TEST_CASE("without event triggers no write fails after ALTER TABLE, and what is left is logged") {
  TestDatabase db;
  db.exec(kShop);
  without_event_triggers(db);
  const std::string alter = GENERATE("ADD COLUMN note text DEFAULT 'x'", "DROP COLUMN status",
                                     "RENAME COLUMN status TO state", "RENAME COLUMN id TO number",
                                     "ALTER COLUMN status TYPE int USING 1", "RENAME TO sales");
  CAPTURE(alter);
  db.exec("ALTER TABLE orders " + alter);
  const std::string table = alter == "RENAME TO sales" ? "sales" : "orders";
  db.exec("UPDATE " + table +
          " SET total = total + 1;"
          "DO $$BEGIN UPDATE " +
          table + " SET total = total + 1; UPDATE " + table + " SET total = total + 1; END$$");
  CHECK(testing::logged(db, "orders").size() == 2 + 6);
  db.exec("DELETE FROM " + table);
  CHECK(testing::logged(db, "orders").size() == 2 + 6 + 2);
  // And watch makes it right again.
  CHECK(db.scalar("SELECT ordercast.watch('" + table + "', stream => 'orders')") == "orders");
  db.exec("INSERT INTO " + table + " VALUES (7)");
  CHECK(folded(db, "orders") == present_rows(db, "orders"));
}

TEST_CASE("a new table under the old name is not taken for the watched one") {
  TestDatabase db;
  db.exec(kShop);
  without_event_triggers(db);
  db.exec(
      "ALTER TABLE orders RENAME TO sales; CREATE TABLE orders (LIKE sales);"
      "INSERT INTO orders VALUES (1, 'impostor', 0)");
  db.exec(
      "DO $$BEGIN UPDATE sales SET total = 8 WHERE id = 1; UPDATE sales SET total = 9 WHERE id = "
      "1; END$$");
  CHECK(folded(db, "orders") == present_rows(db, "orders"));
  CHECK(present_rows(db, "orders").at("{\"id\":1}") ==
        "{\"id\":1,\"status\":\"a\",\"total\":\"9\"}");
}

TEST_CASE("a table that has lost its key can be written, and clients are told to start over") {
  TestDatabase db;
  db.exec(kShop);
  if (GENERATE(true, false)) without_event_triggers(db);
  db.exec("ALTER TABLE orders DROP COLUMN id");
  CHECK(changes_of(db, "orders", "UPDATE orders SET total = 1") == "r - - -\n");
  CHECK(changes_of(db, "orders",
                   "DO $$BEGIN UPDATE orders SET total = 2; DELETE FROM orders; END$$") ==
        "r - - -\nr - - -\n");
}

TEST_CASE("a right on the table that was taken from the log's owner fails no write") {
  TestDatabase db;
  const ScratchRole owner(db, "_owner");
  watch_as(db, owner);
  db.exec("REVOKE SELECT ON orders FROM " + owner.name());
  CHECK(changes_of(db, "orders", "UPDATE orders SET v = 2") ==
        "u {\"id\":1} {\"id\":1,\"v\":1} {\"id\":1,\"v\":2}\n");
  CHECK(changes_of(db, "orders",
                   "DO $$BEGIN UPDATE orders SET v = 3; UPDATE orders SET v = 4; END$$") ==
        "u {\"id\":1} {\"id\":1,\"v\":2} {\"id\":1,\"v\":3}\nr - - -\n");
}

TEST_CASE("rows that row-level security hides since are not taken for deleted, nor for all") {
  TestDatabase db;
  const ScratchRole owner(db, "_owner");
  watch_as(db, owner);
  CHECK(present_rows(db, "orders").size() == 1);
  if (GENERATE(false, true)) without_event_triggers(db);
  db.exec("ALTER TABLE orders ENABLE ROW LEVEL SECURITY");
  CHECK(changes_of(db, "orders",
                   "DO $$BEGIN UPDATE orders SET v = 2; UPDATE orders SET v = 3; END$$") ==
        "u {\"id\":1} {\"id\":1,\"v\":1} {\"id\":1,\"v\":2}\nr - - -\n");
  CHECK_THROWS_WITH(present_rows(db, "orders"),
                    Catch::Contains("row-level security hides rows of public.orders"));
}

TEST_CASE("the stream follows the table's owner, who has no right on the schema ordercast") {
  TestDatabase db;
  db.exec(kShop);
  const ScratchRole owner(db, "_owner");
  db.exec("GRANT ALL ON SCHEMA public TO " + owner.name() + "; ALTER TABLE orders OWNER TO " +
          owner.name());
  db.exec("SET ROLE " + owner.name() +
          "; ALTER TABLE orders ADD COLUMN note text; INSERT INTO orders VALUES (3, 'c', 7, 'n');"
          "CREATE TABLE theirs (id int); DROP TABLE theirs");
  db.exec("RESET ROLE");
  CHECK(testing::logged(db, "orders").back().new_row ==
        "{\"id\":3,\"status\":\"c\",\"total\":\"7\",\"note\":\"n\"}");
}

TEST_CASE("a dropped table takes its stream along") {
  TestDatabase db;
  db.exec(kShop);
  db.exec("DROP TABLE orders");
  CHECK(db.scalar("SELECT count(*) FROM ordercast.catalog") == "0");
  CHECK(db.scalar("SELECT count(*) FROM pg_proc WHERE proname ~ '^capture_[0-9]+$'") == "0");
  CHECK(db.scalar("SELECT op FROM ordercast.change_log ORDER BY seq DESC LIMIT 1") == "c");
}

TEST_CASE("the stream of a table that was dropped without event triggers can be unwatched") {
  TestDatabase db;
  db.exec(kShop);
  without_event_triggers(db);
  db.exec("DROP TABLE orders");
  CHECK(db.scalar("SELECT ordercast.unwatch('orders')") == "t");
  CHECK(db.scalar("SELECT count(*) FROM pg_proc WHERE proname ~ '^capture_[0-9]+$'") == "0");
}

TEST_CASE("other tables' DDL is none of ours") {
  TestDatabase db;
  db.exec(kShop);
  CHECK(changes_of(db, "orders",
                   "CREATE TABLE other (id int PRIMARY KEY); ALTER TABLE other ADD COLUMN a int; "
                   "CREATE TEMP TABLE t (a int);"
                   "DROP TABLE t; DROP TABLE other")
            .empty());
  CHECK(db.scalar("SELECT count(*) FROM ordercast.change_log WHERE op = 'c'") == "1");
}

// --- partitions ---------------------------------------------------------------------------------

constexpr char kParted[] =
    "CREATE TABLE orders (region text, id int, v int, PRIMARY KEY (region, id)) PARTITION BY LIST "
    "(region);"
    "CREATE TABLE orders_eu PARTITION OF orders FOR VALUES IN ('eu') PARTITION BY RANGE (id);"
    "CREATE TABLE orders_eu_low PARTITION OF orders_eu FOR VALUES FROM (0) TO (100);"
    "CREATE TABLE orders_eu_high (v int, id int NOT NULL, region text NOT NULL);"
    "ALTER TABLE orders_eu ATTACH PARTITION orders_eu_high FOR VALUES FROM (100) TO (200);"
    "CREATE TABLE orders_cn PARTITION OF orders FOR VALUES IN ('cn');"
    "SELECT ordercast.watch('orders')";

TEST_CASE("statements on a partitioned table and on each partition are logged once") {
  TestDatabase db;
  db.exec(kParted);
  CHECK(changes_of(db, "orders",
                   "INSERT INTO orders VALUES ('eu', 1, 1), ('eu', 101, 1), ('cn', 1, 1)") ==
        "i {\"region\":\"eu\",\"id\":1} - {\"region\":\"eu\",\"id\":1,\"v\":1}\n"
        "i {\"region\":\"eu\",\"id\":101} - {\"region\":\"eu\",\"id\":101,\"v\":1}\n"
        "i {\"region\":\"cn\",\"id\":1} - {\"region\":\"cn\",\"id\":1,\"v\":1}\n");
  CHECK(changes_of(db, "orders", "INSERT INTO orders_eu_high VALUES (1, 102, 'eu')") ==
        "i {\"region\":\"eu\",\"id\":102} - {\"region\":\"eu\",\"id\":102,\"v\":1}\n");
  CHECK(changes_of(db, "orders", "UPDATE orders_eu SET v = 2 WHERE id = 102") ==
        "u {\"region\":\"eu\",\"id\":102} {\"region\":\"eu\",\"id\":102,\"v\":1} "
        "{\"region\":\"eu\",\"id\":102,\"v\":2}\n");
  CHECK(changes_of(db, "orders", "DELETE FROM orders_cn") ==
        "d {\"region\":\"cn\",\"id\":1} {\"region\":\"cn\",\"id\":1,\"v\":1} -\n");
  db.exec("UPDATE orders SET v = v + 1");
  CHECK(folded(db, "orders") == present_rows(db, "orders"));
  db.exec("DO $$BEGIN UPDATE orders SET v = v + 1; UPDATE orders_eu_high SET v = v + 1; END$$");
  CHECK(folded(db, "orders") == present_rows(db, "orders"));
}

TEST_CASE("rows that move between partitions are logged as what they are to clients") {
  TestDatabase db;
  db.exec(kParted);
  db.exec("INSERT INTO orders VALUES ('eu', 1, 1), ('eu', 2, 1)");
  const auto moved = changes_of(db, "orders", "UPDATE orders SET region = 'cn' WHERE id = 1");
  CHECK(moved.find("d {\"region\":\"eu\",\"id\":1} {\"region\":\"eu\",\"id\":1,\"v\":1} -\n") !=
        std::string::npos);
  CHECK(moved.find("i {\"region\":\"cn\",\"id\":1} - {\"region\":\"cn\",\"id\":1,\"v\":1}\n") !=
        std::string::npos);
  db.exec("UPDATE orders_eu SET id = id + 100");
  CHECK(folded(db, "orders") == present_rows(db, "orders"));
}

TEST_CASE("a row that the partition it moves to refuses is logged as gone, beside one that stays") {
  TestDatabase db;
  db.exec(kParted);
  db.exec(
      "CREATE FUNCTION refuse() RETURNS trigger LANGUAGE plpgsql AS 'BEGIN RETURN NULL; END';"
      "CREATE TRIGGER refuse BEFORE INSERT ON orders_cn FOR EACH ROW EXECUTE FUNCTION refuse();"
      "INSERT INTO orders VALUES ('eu', 1, 1), ('eu', 2, 1)");
  // On its own: as a further statement of the one above it would be logged carefully.
  db.exec("UPDATE orders SET region = CASE id WHEN 1 THEN 'cn' ELSE region END, v = 2");
  CHECK(folded(db, "orders") == present_rows(db, "orders"));
  CHECK(present_rows(db, "orders").size() == 1);
}

TEST_CASE("rows that were computed anew in all partitions make clients start over once") {
  TestDatabase db;
  db.exec(kParted);
  CHECK(changes_of(db, "orders", "ALTER TABLE orders ALTER COLUMN v TYPE int USING v + 1") ==
        "r - - -\n");
}

TEST_CASE("a new partition is captured from its first row") {
  TestDatabase db;
  db.exec(kParted);
  db.exec("CREATE TABLE orders_us PARTITION OF orders FOR VALUES IN ('us')");
  CHECK(changes_of(db, "orders", "INSERT INTO orders_us VALUES ('us', 1, 1)") ==
        "i {\"region\":\"us\",\"id\":1} - {\"region\":\"us\",\"id\":1,\"v\":1}\n");
}

TEST_CASE("rows that come or go with a partition make clients start over") {
  TestDatabase db;
  db.exec(kParted);
  db.exec(
      "INSERT INTO orders VALUES ('cn', 1, 1); CREATE TABLE orders_us (region text NOT NULL, id "
      "int NOT NULL, v int);"
      "INSERT INTO orders_us VALUES ('us', 1, 1)");
  const bool events = GENERATE(true, false);
  CAPTURE(events);
  if (!events) without_event_triggers(db);
  const std::string watch_again = events ? "" : "; SELECT ordercast.watch('orders')";

  CHECK(changes_of(db, "orders",
                   "ALTER TABLE orders ATTACH PARTITION orders_us FOR VALUES IN ('us')" +
                       watch_again) == "r - - -\n");
  CHECK(changes_of(db, "orders", "UPDATE orders_us SET v = 2") ==
        "u {\"region\":\"us\",\"id\":1} {\"region\":\"us\",\"id\":1,\"v\":1} "
        "{\"region\":\"us\",\"id\":1,\"v\":2}\n");
  CHECK(changes_of(db, "orders", "ALTER TABLE orders DETACH PARTITION orders_us" + watch_again) ==
        "r - - -\n");
  CHECK(changes_of(db, "orders", "DROP TABLE orders_cn" + watch_again) == "r - - -\n");
  CHECK(changes_of(db, "orders", "UPDATE orders_us SET v = 3").empty());
  CHECK(db.scalar("SELECT count(*) FROM pg_trigger WHERE tgrelid = 'orders_us'::regclass") == "0");
}

TEST_CASE("a partition that was detached behind our back is another table") {
  TestDatabase db;
  db.exec(kParted);
  without_event_triggers(db);
  db.exec("ALTER TABLE orders DETACH PARTITION orders_cn");
  CHECK(changes_of(db, "orders", "INSERT INTO orders_cn VALUES ('cn', 1, 1)").empty());
}

}  // namespace
}  // namespace ordercast
