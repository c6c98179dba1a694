// ordercast.watch and unwatch: what they make, refuse, change and leave behind.
#include <catch2/catch.hpp>
#include <string>

#include "integration/capture_log.h"
#include "integration/capture_role.h"

namespace ordercast {
namespace {

using Catch::Matchers::Contains;
using testing::changes_of;
using testing::ScratchRole;
using testing::TestDatabase;

// The error of `sql`, with its hint.
std::string error_of(TestDatabase& db, const std::string& sql) {
  try {
    db.exec(sql);
  } catch (const pqxx::sql_error& error) {
    return error.what();
  }
  return "no error";
}

// Everything in the database that bears a name of ours, as text.
std::string objects(TestDatabase& db) {
  return db.scalar(R"sql(
    SELECT string_agg(x, ' ' ORDER BY x) FROM (
      SELECT 'function ' || oid::regprocedure FROM pg_proc WHERE pronamespace = 'ordercast'::regnamespace
      UNION ALL SELECT 'trigger ' || tgname || ' ' || tgrelid::regclass FROM pg_trigger WHERE NOT tgisinternal
      UNION ALL SELECT 'relation ' || oid::regclass FROM pg_class WHERE relnamespace = 'ordercast'::regnamespace
      UNION ALL SELECT 'stream ' || name FROM ordercast.stream) AS all_of_it(x))sql");
}

TEST_CASE("watch puts the stream into the catalog and tells the servers in log order") {
  TestDatabase db;
  db.exec(
      "CREATE TABLE orders (merchant_id int, id bigint PRIMARY KEY, total numeric(12,2), note "
      "text)");
  CHECK(db.scalar("SELECT ordercast.watch('orders', tenant => 'merchant_id')") == "orders");
  CHECK(db.scalar("SELECT (name, table_name, key_columns, column_names, column_types, column_bases,"
                  "        column_labels, tenant)::text FROM ordercast.catalog") ==
        "(orders,public.orders,{id},\"{merchant_id,id,total,note}\","
        "\"{integer,bigint,\"\"numeric(12,2)\"\",text}\",\"{integer,bigint,numeric,text}\","
        R"("{""{}"",""{}"",""{}"",""{}""}",merchant_id))");
  CHECK(db.scalar("SELECT op::text || stream FROM ordercast.change_log") == "corders");
}

TEST_CASE("watch again changes nothing and logs nothing") {
  TestDatabase db;
  db.exec("CREATE TABLE orders (id int PRIMARY KEY); SELECT ordercast.watch('orders', 'sales')");
  const auto before = objects(db);
  CHECK(db.scalar("SELECT ordercast.watch('orders', 'sales')") == "sales");
  CHECK(objects(db) == before);
  CHECK(db.scalar("SELECT count(*) FROM ordercast.change_log") == "1");
}

TEST_CASE("watch again needs no lock on a table that has its triggers") {
  TestDatabase db;
  db.exec("CREATE TABLE orders (id int PRIMARY KEY, note text); SELECT ordercast.watch('orders')");
  const auto busy = db.connect();
  pqxx::work writing(*busy);
  writing.exec("INSERT INTO orders VALUES (1)");
  CHECK(db.scalar("SELECT ordercast.watch('orders', columns => '{id}')") == "orders");
}

class Notices : public pqxx::errorhandler {
 public:
  using errorhandler::errorhandler;
  bool operator()(const char text[]) noexcept override {
    all += text;
    return false;
  }
  std::string all;
};

TEST_CASE("watch of a table with many partitions follows its own DDL into no recursion") {
  TestDatabase db;
  db.exec(
      "CREATE TABLE orders (id int PRIMARY KEY) PARTITION BY LIST (id);"
      "DO $$BEGIN FOR i IN 1..100 LOOP"
      "  EXECUTE format('CREATE TABLE orders_%s PARTITION OF orders FOR VALUES IN (%1$s)', i);"
      "END LOOP; END$$");
  const auto session = db.connect();
  Notices notices(*session);
  pqxx::nontransaction(*session).exec("SELECT ordercast.watch('orders')");
  CHECK(notices.all == "");
  CHECK(db.scalar(
            "SELECT count(*) FROM pg_trigger WHERE tgname ~ '^ordercast_' AND tgenabled = 'A'") ==
        "404");
}

TEST_CASE("watch gives up soon where a table is busy, and leaves nothing behind") {
  TestDatabase db;
  db.exec("CREATE TABLE orders (id int PRIMARY KEY)");
  const auto before = objects(db);
  const auto busy = db.connect();
  {
    pqxx::work writing(*busy);
    writing.exec("INSERT INTO orders VALUES (1)");
    CHECK_THAT(error_of(db, "SELECT ordercast.watch('orders')"), Contains("lock timeout"));
  }
  CHECK(objects(db) == before);
}

TEST_CASE("watch again with other columns sends those, and clients start over") {
  TestDatabase db;
  db.exec(
      "CREATE TABLE orders (a int, id int PRIMARY KEY, merchant int, b int, c int);"
      "SELECT ordercast.watch('orders')");
  CHECK(changes_of(db, "orders",
                   "SELECT ordercast.watch('orders', tenant => 'merchant', columns => '{c,a}')") ==
        "r - - -\n");
  CHECK(changes_of(db, "orders", "INSERT INTO orders VALUES (1, 2, 3, 4, 5)") ==
        "i {\"id\":2} - {\"a\":1,\"id\":2,\"merchant\":3,\"c\":5}\n");
  CHECK(db.scalar("SELECT column_names FROM ordercast.catalog") == "{a,id,merchant,c}");
}

TEST_CASE("unwatch leaves nothing behind but the log") {
  TestDatabase db;
  db.exec("CREATE TABLE orders (id int PRIMARY KEY)");
  const auto before = objects(db);
  db.exec("SELECT ordercast.watch('orders'); INSERT INTO orders VALUES (1)");
  REQUIRE(objects(db) != before);
  CHECK(db.scalar("SELECT ordercast.unwatch('orders')") == "t");
  CHECK(objects(db) == before);
  CHECK(changes_of(db, "orders", "INSERT INTO orders VALUES (2)").empty());
  CHECK(db.scalar("SELECT string_agg(op::text, '' ORDER BY seq) FROM ordercast.change_log") ==
        "circ");
  CHECK(db.scalar("SELECT ordercast.unwatch('orders')") == "f");
}

TEST_CASE("what cannot be watched is refused with a hint") {
  TestDatabase db;
  db.exec(R"sql(
    CREATE TABLE orders (id int PRIMARY KEY, status text);
    CREATE TABLE keyless (id int);
    CREATE VIEW shown AS SELECT * FROM orders;
    CREATE UNLOGGED TABLE forgetful (id int PRIMARY KEY);
    CREATE TEMP TABLE passing (id int PRIMARY KEY);
    CREATE TABLE parent (id int PRIMARY KEY); CREATE TABLE child () INHERITS (parent);
    CREATE TABLE parted (id int PRIMARY KEY) PARTITION BY LIST (id);
    CREATE TABLE part PARTITION OF parted DEFAULT;
    CREATE TABLE "Orders" (id int PRIMARY KEY);
    CREATE TABLE taken (id int PRIMARY KEY); SELECT ordercast.watch('taken'))sql");
  const auto [call, message, hint] = GENERATE(table<std::string, std::string, std::string>({
      {"'keyless'", "has no primary key", "REPLICA IDENTITY"},
      {"'shown'", "is not a table", "Watch the tables"},
      {"'forgetful'", "temporary or unlogged", "SET LOGGED"},
      {"'passing'", "temporary or unlogged", "session"},
      {"'parent'", "inheritance", "partitioning"},
      {"'child'", "inheritance", "partitioning"},
      {"'part'", "is a partition", "public.parted"},
      {"'ordercast.change_log'", "not a table of yours", "shop"},
      {"'pg_class'", "not a table of yours", "shop"},
      {"'\"Orders\"'", "bad stream name \"Orders\"", "stream =>"},
      {"'orders', stream => '1st'", "bad stream name", "stream =>"},
      {"'orders', stream => 'a\nb'", "bad stream name", "stream =>"},
      {"'orders', stream => 'taken'", "another table's: public.taken", "Choose another name"},
      {"'taken', stream => 'other'", "is watched already, as stream \"taken\"",
       "ordercast.unwatch('taken')"},
      {"'orders', columns => '{id,statsu}'", "no column \"statsu\"", "id, status"},
      {"'orders', tenant => 'xmin'", "no column \"xmin\"", "id, status"},
  }));
  const auto error = error_of(db, "SELECT ordercast.watch(" + call + ")");
  CHECK_THAT(error, Contains(message));
  CHECK_THAT(error, Contains("HINT: ") && Contains(hint));
}

TEST_CASE("a role that owns neither the table nor the schema may not watch") {
  TestDatabase db;
  const ScratchRole role(db, "_stranger");
  db.exec("CREATE TABLE orders (id int PRIMARY KEY)");
  db.exec("SET ROLE " + role.name());
  CHECK_THAT(error_of(db, "SELECT ordercast.watch('orders')"), Contains("permission denied"));
  db.exec("RESET ROLE; GRANT USAGE ON SCHEMA ordercast TO " + role.name() +
          "; GRANT EXECUTE ON ALL FUNCTIONS IN SCHEMA ordercast TO " + role.name() + "; SET ROLE " +
          role.name());
  CHECK_THAT(error_of(db, "SELECT ordercast.watch('orders')"),
             Contains("must be owner of table public.orders"));
  db.exec("RESET ROLE; ALTER TABLE orders OWNER TO " + role.name() + "; SET ROLE " + role.name());
  CHECK_THAT(error_of(db, "SELECT ordercast.watch('orders')"),
             Contains("must be owner of schema ordercast"));
}

TEST_CASE("a table whose rows the log's owner may not see is refused") {
  TestDatabase db;
  const ScratchRole owner(db, "_owner");
  db.exec("ALTER SCHEMA ordercast OWNER TO " + owner.name() +
          "; CREATE TABLE orders (id int PRIMARY KEY)");
  CHECK_THAT(error_of(db, "SELECT ordercast.watch('orders')"),
             Contains("may not read public.orders") &&
                 Contains("GRANT SELECT ON public.orders TO " + owner.name()));
  db.exec("GRANT SELECT ON orders TO " + owner.name() +
          "; ALTER TABLE orders ENABLE ROW LEVEL SECURITY");
  CHECK_THAT(error_of(db, "SELECT ordercast.watch('orders')"),
             Contains("row-level security would hide rows") && Contains("BYPASSRLS"));
  db.exec("ALTER ROLE " + owner.name() + " BYPASSRLS");
  CHECK(db.scalar("SELECT ordercast.watch('orders')") == "orders");
  CHECK(db.scalar("SELECT proowner::regrole FROM pg_proc WHERE proname ~ '^capture_[0-9]+$'") ==
        owner.name());
}

TEST_CASE(
    "a writer without any right on the schema ordercast is captured, and may do nothing else "
    "there") {
  TestDatabase db;
  const ScratchRole writer(db, "_writer");
  db.exec(
      "CREATE TABLE orders (id int PRIMARY KEY, v int); SELECT ordercast.watch('orders');"
      "GRANT SELECT, INSERT, UPDATE, DELETE, TRUNCATE ON orders TO " +
      writer.name());
  db.exec("SET ROLE " + writer.name());
  db.exec(
      "INSERT INTO orders VALUES (1, 1); UPDATE orders SET v = 2; DELETE FROM orders; TRUNCATE "
      "orders;"
      "DO $$BEGIN INSERT INTO orders VALUES (2); UPDATE orders SET v = 3; END$$");
  for (const std::string denied :
       {"SELECT FROM ordercast.change_log",
        "INSERT INTO ordercast.change_log (stream, op) VALUES ('orders', 't')",
        "SELECT FROM ordercast.catalog", "SELECT ordercast.open_rows('orders')",
        "SELECT ordercast.set_retention('1 day')", "SELECT ordercast.unwatch('orders')",
        "SELECT ordercast.capture_1()"}) {
    CHECK_THAT(error_of(db, denied), Contains("permission denied"));
  }
  db.exec("RESET ROLE");
  CHECK(db.scalar("SELECT string_agg(op::text, '' ORDER BY seq) FROM ordercast.change_log") ==
        "ciudtiu");
}

TEST_CASE("a reader reads log, catalog and rows, and can change nothing") {
  TestDatabase db;
  const ScratchRole reader(db, "_reader");
  db.exec(
      "CREATE TABLE orders (id int PRIMARY KEY); SELECT ordercast.watch('orders'); INSERT INTO "
      "orders VALUES (1);"
      "SELECT ordercast.grant_reader('" +
      reader.name() + "')");
  db.exec("SET ROLE " + reader.name());
  CHECK(db.scalar("SELECT count(*) FROM ordercast.change_log") == "2");
  CHECK(db.scalar("SELECT floor_tx FROM ordercast.history") == "0");
  CHECK(db.scalar("SELECT name FROM ordercast.catalog") == "orders");
  const auto rows = db.present_rows("orders");
  REQUIRE(rows.size() == 1);
  CHECK(rows[0][0].c_str() == std::string("{\"id\":1}"));
  db.exec("LISTEN ordercast; CREATE TEMP TABLE mine (id int)");
  CHECK_THAT(error_of(db, "SELECT ordercast.open_rows('other')"),
             Contains("there is no stream \"other\""));
  for (const std::string denied :
       {"SELECT FROM orders", "DELETE FROM ordercast.change_log",
        "UPDATE ordercast.history SET floor_tx = '1'", "SELECT FROM ordercast.stream",
        "SELECT ordercast.set_retention('1 day')", "SELECT ordercast.watch('orders')",
        "CREATE TRIGGER forge AFTER INSERT ON mine REFERENCING NEW TABLE AS ordercast_new "
        "FOR EACH STATEMENT EXECUTE FUNCTION ordercast.capture_1()",
        "CREATE TABLE ordercast.mine (a int)"}) {
    CHECK_THAT(error_of(db, denied), Contains("permission denied"));
  }
}

}  // namespace
}  // namespace ordercast
