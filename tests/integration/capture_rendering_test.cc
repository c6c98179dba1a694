// Rows as JSON: no digit lost, any type, any name, whatever the writer's session is set to.
#include <catch2/catch.hpp>
#include <string>

#include "integration/capture_log.h"

namespace ordercast {
namespace {

using testing::changes_of;
using testing::folded;
using testing::present_rows;
using testing::TestDatabase;

// The JSON of the only column beside the key, as logged on INSERT.
std::string logged_value(TestDatabase& db, const std::string& type, const std::string& literal) {
  db.exec("DROP TABLE IF EXISTS t; CREATE TABLE t (id int PRIMARY KEY, x " + type +
          "); SELECT ordercast.watch('t')");
  const auto change = changes_of(db, "t", "INSERT INTO t VALUES (1, " + literal + ")");
  const std::string before = "i {\"id\":1} - {\"id\":1,\"x\":";
  REQUIRE(change.substr(0, before.size()) == before);
  return change.substr(before.size(), change.size() - before.size() - 2);
}

TEST_CASE("int8 and numeric are strings, with every digit, alone, in domains and in arrays") {
  TestDatabase db;
  db.exec(
      "CREATE DOMAIN money_amount AS numeric(30, 19); CREATE DOMAIN inner_id AS bigint; CREATE "
      "DOMAIN outer_id AS inner_id;"
      "CREATE DOMAIN ids AS bigint[]");
  CHECK(logged_value(db, "bigint", "9007199254740993") == "\"9007199254740993\"");
  CHECK(logged_value(db, "bigint", "NULL") == "null");
  CHECK(logged_value(db, "numeric", "0.1234567890123456789") == "\"0.1234567890123456789\"");
  CHECK(logged_value(db, "numeric(12,2)", "1") == "\"1.00\"");
  CHECK(logged_value(db, "numeric", "'NaN'") == "\"NaN\"");
  CHECK(logged_value(db, "money_amount", "0.1234567890123456789") == "\"0.1234567890123456789\"");
  CHECK(logged_value(db, "outer_id", "9007199254740993") == "\"9007199254740993\"");
  CHECK(logged_value(db, "bigint[]", "'{9007199254740993,NULL}'") == "[\"9007199254740993\",null]");
  CHECK(logged_value(db, "ids", "'{{1,2},{3,4}}'") == "[[\"1\",\"2\"],[\"3\",\"4\"]]");
  CHECK(logged_value(db, "outer_id[]", "'{1}'") == "[\"1\"]");
  CHECK(logged_value(db, "numeric[]", "'{0.10}'") == "[\"0.10\"]");
}

TEST_CASE("other values are as row_to_json writes them") {
  TestDatabase db;
  db.exec("CREATE TYPE mood AS ENUM ('glad', 'sad'); CREATE TYPE pair AS (a bigint, b text)");
  const auto [type, literal, json] = GENERATE(table<std::string, std::string, std::string>({
      {"int", "7", "7"},
      {"smallint", "-1", "-1"},
      {"boolean", "true", "true"},
      {"double precision", "0.1", "0.1"},
      {"real", "'Infinity'", "\"Infinity\""},
      {"text", "E'a\"\\\\\\n\\u00e9'", "\"a\\\"\\\\\\n\u00e9\""},
      {"char(3)", "'a'", "\"a  \""},
      {"uuid", "'00000000-0000-0000-0000-000000000001'",
       "\"00000000-0000-0000-0000-000000000001\""},
      {"date", "'infinity'", "\"infinity\""},
      {"timestamptz", "'2026-01-02 03:04:05.678901+02'", "\"2026-01-02T01:04:05.678901+00:00\""},
      {"timestamptz", "'-infinity'", "\"-infinity\""},
      {"timestamp", "'2026-01-02 03:04:05'", "\"2026-01-02T03:04:05\""},
      {"interval", "'1 day 2 hours'", "\"P1DT2H\""},
      {"bytea", "'\\x00ff'", "\"\\\\x00ff\""},
      {"json", "E'{\"a\" :\\n [1.50,\\n\\n9007199254740993]}'",
       "{\"a\" :\n [1.50,\n\n9007199254740993]}"},
      {"jsonb", "'{\"b\":1.50, \"a\":null}'", "{\"a\": null, \"b\": 1.50}"},
      {"int[]", "'{1,NULL}'", "[1,null]"},
      {"text[]", "'{a,\"b,c\"}'", "[\"a\",\"b,c\"]"},
      {"mood", "'glad'", "\"glad\""},
      {"pair", "'(1,x)'", "{\"a\":1,\"b\":\"x\"}"},
      {"point", "'(0.1,2)'", "\"(0.1,2)\""},
      {"int8range", "'[1,5)'", "\"[1,5)\""},
      {"daterange", "'[2026-01-02,2026-02-03)'", "\"[2026-01-02,2026-02-03)\""},
      {"xml", "'<a>b</a>'", "\"<a>b</a>\""},
      {"tsvector", "'a b'", "\"'a' 'b'\""},
      {"inet", "'10.0.0.1/8'", "\"10.0.0.1/8\""},
      {"bit(3)", "B'101'", "\"101\""},
  }));
  CAPTURE(type, literal);
  CHECK(logged_value(db, type, literal) == json);
  // Types without an equality operator among them.
  CHECK(changes_of(db, "t", "UPDATE t SET x = x").empty());
  CHECK(changes_of(db, "t", "UPDATE t SET x = NULL") != "");
  CHECK(folded(db, "t") == present_rows(db, "t"));
}

TEST_CASE("the writer's settings do not show in the log") {
  TestDatabase db;
  db.exec(R"sql(
    CREATE TABLE t (id int PRIMARY KEY, a timestamptz, b interval, c bytea, d double precision, e tstzrange,
                    f point, g timestamptz[]);
    SELECT ordercast.watch('t');
    CREATE FUNCTION fill() RETURNS void LANGUAGE sql AS $$
      INSERT INTO t VALUES (1, timestamptz '2026-01-02 03:04:05+00', make_interval(days => 1), decode('00ff', 'hex'), 0.1,
        tstzrange('2026-01-02 03:04:05+00', NULL), point(0.1, 0.2), ARRAY[timestamptz '2026-01-02 03:04:05+00'])$$)sql");
  const auto plain = changes_of(db, "t", "SELECT fill()");
  db.exec("DELETE FROM t");
  const auto odd = changes_of(db, "t",
                              "SET timezone = 'Asia/Kathmandu'; SET intervalstyle = sql_standard; "
                              "SET bytea_output = escape;"
                              "SET extra_float_digits = -10; SET datestyle = 'SQL, DMY'; SET "
                              "search_path = pg_temp, pg_catalog, public;"
                              "SET plpgsql.extra_errors = 'all'; SET plpgsql.variable_conflict = "
                              "use_variable; SET standard_conforming_strings = off;"
                              "SELECT fill()");
  CHECK(odd == plain);
  CHECK(folded(db, "t") == present_rows(db, "t"));
}

TEST_CASE("odd names are quoted") {
  TestDatabase db;
  db.exec(R"sql(
    CREATE SCHEMA "My ""Shop""";
    CREATE TABLE "My ""Shop"""."Weird ""Table""" ("Key ""1""" int, "r" text, "v" text, "k" text, "n.key" text, "'q'" text,
      "select" text, "%s" text, "$body$" text, "\" text, c1 text, "row" text, key text, PRIMARY KEY ("Key ""1""", "r"));
    SELECT ordercast.watch('"My ""Shop"""."Weird ""Table"""', stream => 'weird', tenant => '%s'))sql");
  db.exec(
      R"sql(INSERT INTO "My ""Shop"""."Weird ""Table""" VALUES (1, 'r', 'v', 'k', 'n', 'q', 's', 'p', 'b', '\', 'c', 'w', 'y');
                UPDATE "My ""Shop"""."Weird ""Table""" SET v = 'w';
                DO $$BEGIN UPDATE "My ""Shop"""."Weird ""Table""" SET v = 'x', r = 's';
                           UPDATE "My ""Shop"""."Weird ""Table""" SET v = 'y'; END$$)sql");
  CHECK(folded(db, "weird") == present_rows(db, "weird"));
  CHECK(
      present_rows(db, "weird").begin()->second ==
      R"({"Key \"1\"":1,"r":"s","v":"y","k":"k","n.key":"n","'q'":"q","select":"s","%s":"p","$body$":"b","\\":"\\","c1":"c","row":"w","key":"y"})");
  CHECK(db.scalar("SELECT table_name FROM ordercast.catalog") ==
        "\"My \"\"Shop\"\"\".\"Weird \"\"Table\"\"\"");
}

TEST_CASE("dropped and generated columns are no trouble") {
  TestDatabase db;
  db.exec(
      "CREATE TABLE t (a int, id int PRIMARY KEY, b text, price numeric, qty int, "
      "total numeric GENERATED ALWAYS AS (price * qty) STORED); ALTER TABLE t DROP COLUMN a; ALTER "
      "TABLE t DROP COLUMN b;"
      "SELECT ordercast.watch('t')");
  CHECK(changes_of(db, "t", "INSERT INTO t VALUES (1, 2.50, 3)") ==
        "i {\"id\":1} - {\"id\":1,\"price\":\"2.50\",\"qty\":3,\"total\":\"7.50\"}\n");
  CHECK(changes_of(db, "t", "UPDATE t SET qty = 4") ==
        "u {\"id\":1} {\"id\":1,\"price\":\"2.50\",\"qty\":3,\"total\":\"7.50\"} "
        "{\"id\":1,\"price\":\"2.50\",\"qty\":4,\"total\":\"10.00\"}\n");
}

TEST_CASE("a virtual generated column, of which triggers see no value, is not sent") {
  TestDatabase db;
  const std::string table =
      "CREATE TABLE t (id int PRIMARY KEY, price int, twice int GENERATED ALWAYS AS (price * 2))";
  if (db.scalar("SELECT current_setting('server_version_num')::int < 180000") == "t") {
    CHECK_THROWS_WITH(db.exec(table), Catch::Contains("syntax error"));  // there are none
    return;
  }
  db.exec(table + "; SELECT ordercast.watch('t')");
  CHECK(changes_of(db, "t", "INSERT INTO t VALUES (1, 5)") ==
        "i {\"id\":1} - {\"id\":1,\"price\":5}\n");
  CHECK(changes_of(db, "t", "DO $$BEGIN UPDATE t SET price = 6; UPDATE t SET price = 7; END$$") ==
        "u {\"id\":1} {\"id\":1,\"price\":5} {\"id\":1,\"price\":6}\n"
        "u {\"id\":1} {\"id\":1,\"price\":6} {\"id\":1,\"price\":7}\n");
  CHECK(folded(db, "t") == present_rows(db, "t"));
  for (const std::string wish : {"tenant => 'twice'", "columns => '{price,twice}'"}) {
    CHECK_THROWS_WITH(
        db.exec("SELECT ordercast.watch('t', " + wish + ")"),
        Catch::Contains("\"twice\" of public.t is virtual") && Catch::Contains("STORED"));
  }
}

TEST_CASE("a key that is equal but written otherwise is another key to clients") {
  TestDatabase db;
  db.exec(
      "CREATE TABLE t (id numeric PRIMARY KEY); SELECT ordercast.watch('t'); INSERT INTO t VALUES "
      "(1.0)");
  db.exec("UPDATE t SET id = 1.00");
  CHECK(folded(db, "t") == present_rows(db, "t"));
  db.exec("DO $$BEGIN UPDATE t SET id = 1.000; UPDATE t SET id = 1; END$$");
  CHECK(folded(db, "t") == present_rows(db, "t"));
}

TEST_CASE(
    "present rows come through a cursor as they are in the log, with the snapshot they were seen "
    "in") {
  TestDatabase db;
  db.exec(
      "CREATE TABLE t (id bigint PRIMARY KEY, a timestamptz, b interval, c bytea, d real); SELECT "
      "ordercast.watch('t');"
      "INSERT INTO t SELECT i, now(), '1 day', '\\x00', 0.1 FROM generate_series(1, 10) i");
  const auto session = db.connect();
  pqxx::nontransaction(*session).exec(
      "SET timezone = 'Asia/Kathmandu'; SET intervalstyle = sql_standard; SET bytea_output = "
      "escape");
  pqxx::read_transaction read(*session);
  const auto opened = read.exec1("SELECT pg_current_snapshot(), ordercast.open_rows('t')");
  db.exec("DELETE FROM t WHERE id = 1");
  CHECK(db.scalar("SELECT pg_visible_in_snapshot(max(tx::text)::xid8, '" +
                  std::string(opened[0].c_str()) + "') FROM ordercast.change_log WHERE op = 'd'") ==
        "f");
  const auto expected = folded(db, "t", testing::every_row).size() + 1;
  testing::Rows rows;
  for (const auto& row : read.exec("FETCH ALL FROM " + read.quote_name(opened[1].c_str()))) {
    rows.emplace(row[0].c_str(), row[1].c_str());
  }
  CHECK(rows.size() == expected);
  rows.erase("{\"id\":\"1\"}");
  CHECK(rows == folded(db, "t"));
}

}  // namespace
}  // namespace ordercast
