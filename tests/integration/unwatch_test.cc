// After `ordercast unwatch` the database is as it was before `watch`: nothing of the stream is left
// but its changes in the log, until retention takes them.
#include <algorithm>
#include <catch2/catch.hpp>
#include <iterator>
#include <set>
#include <string>
#include <vector>

#include "support/node.h"
#include "support/test_database.h"

namespace ordercast {
namespace {

using namespace testing;

// Every object of this database that PostgreSQL's catalogs know, a line each, with what describes
// it: tables, columns, indexes, triggers and how they are enabled, functions with their source and
// rights, types, constraints, rules, defaults, dependencies.
std::set<std::string> objects(TestDatabase& database) {
  std::set<std::string> all;
  for (const auto& row : database.exec(R"(
    SELECT format('%s %s', 'class', to_jsonb(c) - '{relpages,reltuples,relallvisible,relfrozenxid,relminmxid,relhastriggers}'::text[])
      FROM pg_class c
     UNION ALL SELECT format('attribute %s', to_jsonb(a)) FROM pg_attribute a WHERE attrelid >= 16384
     UNION ALL SELECT format('trigger %s', to_jsonb(t)) FROM pg_trigger t
     UNION ALL SELECT format('function %s', to_jsonb(p)) FROM pg_proc p WHERE oid >= 16384
     UNION ALL SELECT format('type %s', to_jsonb(t)) FROM pg_type t WHERE oid >= 16384
     UNION ALL SELECT format('constraint %s', to_jsonb(c)) FROM pg_constraint c WHERE oid >= 16384
     UNION ALL SELECT format('rule %s', to_jsonb(r)) FROM pg_rewrite r WHERE oid >= 16384
     UNION ALL SELECT format('default %s', to_jsonb(d)) FROM pg_attrdef d
     UNION ALL SELECT format('schema %s', to_jsonb(n)) FROM pg_namespace n WHERE nspname NOT LIKE 'pg\_%temp%'
     UNION ALL SELECT format('event trigger %s', to_jsonb(e)) FROM pg_event_trigger e
     UNION ALL SELECT format('publication %s', to_jsonb(p)) FROM pg_publication p
     UNION ALL SELECT format('comment %s', to_jsonb(d)) FROM pg_description d WHERE objoid >= 16384
     UNION ALL SELECT format('dependency %s', to_jsonb(d)) FROM pg_depend d WHERE objid >= 16384
     UNION ALL SELECT format('rights %s', to_jsonb(d)) FROM pg_default_acl d
     UNION ALL SELECT format('stream %s', to_jsonb(s)) FROM ordercast.stream s)")) {
    all.insert(row[0].as<std::string>());
  }
  return all;
}

// What only one of them has.
std::vector<std::string> difference(const std::set<std::string>& one,
                                    const std::set<std::string>& other) {
  std::vector<std::string> lines;
  std::ranges::set_symmetric_difference(one, other, std::back_inserter(lines));
  return lines;
}

TEST_CASE("unwatch leaves nothing behind but the changes in the log") {
  TestDatabase database;
  std::string table;
  SECTION("of a table") {
    table = "CREATE TABLE public.orders (id int PRIMARY KEY, note text DEFAULT 'x')";
  }
  SECTION("of a table with triggers of its own, disabled ones, too") {
    table =
        "CREATE TABLE public.orders (id int PRIMARY KEY, note text);"
        "CREATE FUNCTION public.mine() RETURNS trigger LANGUAGE plpgsql AS 'BEGIN RETURN NULL; "
        "END';"
        "CREATE TRIGGER a AFTER INSERT ON orders EXECUTE FUNCTION mine();"
        "CREATE TRIGGER z AFTER DELETE ON orders EXECUTE FUNCTION mine();"
        "ALTER TABLE orders DISABLE TRIGGER z";
  }
  SECTION("of a partitioned table") {
    table =
        "CREATE TABLE public.orders (id int PRIMARY KEY, note text) PARTITION BY RANGE (id);"
        "CREATE TABLE public.orders_1 PARTITION OF orders FOR VALUES FROM (0) TO (100)";
  }
  database.exec(table);
  const auto before = objects(database);
  const auto run = [&](const char* verb, const char* name) {
    const auto result = run_ordercast({verb, "--database", database.url(), name});
    INFO(result.err);
    REQUIRE(result.code == 0);
  };
  run("watch", "orders");
  database.exec("INSERT INTO orders VALUES (1); UPDATE orders SET note = 'y'");
  REQUIRE(objects(database) != before);
  run("unwatch", "orders");
  CHECK(difference(objects(database), before) == std::vector<std::string>{});

  // What is left: the two changes, that the catalog has changed, by either verb, and that from the
  // second on the log does not tell all.
  CHECK(
      database.scalar("SELECT string_agg(op::text, ' ' ORDER BY seq) FROM ordercast.change_log") ==
      "c i u r c");
  database.exec("INSERT INTO orders VALUES (2)");
  CHECK(database.scalar("SELECT count(*) FROM ordercast.change_log") == "5");
}

}  // namespace
}  // namespace ordercast
