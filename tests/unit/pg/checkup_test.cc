// Each thing that the check-up looks at is broken here, and has to be found.
#include "pg/checkup.h"

#include <fmt/format.h>

#include <algorithm>
#include <catch2/catch.hpp>
#include <string>

#include "pg/connection.h"
#include "support/eventually.h"
#include "support/test_database.h"

namespace ordercast::pg {
namespace {

using Catch::Contains;
using testing::TestDatabase;

// A database with a watched table, whose role `helper` is made and goes with it.
class WatchedDatabase : public TestDatabase {
 public:
  WatchedDatabase() {
    exec(
        "CREATE TABLE public.orders (id int PRIMARY KEY) PARTITION BY RANGE (id);"
        "CREATE TABLE public.orders_1 PARTITION OF public.orders FOR VALUES FROM (0) TO (9);"
        "SELECT ordercast.watch('public.orders');"
        "CREATE ROLE helper LOGIN");
  }
  ~WatchedDatabase() { exec("DROP OWNED BY helper; DROP ROLE helper"); }
  [[nodiscard]] std::string helper() const { return url() + " user=helper"; }
};

std::vector<Finding> of(const std::string& check, const std::vector<Finding>& findings) {
  std::vector<Finding> result;
  std::ranges::copy_if(findings, std::back_inserter(result),
                       [&](const Finding& finding) { return finding.check == check; });
  return result;
}

// The only finding of a check. What it says and how to mend it, in one text.
struct Only {
  Severity severity = Severity::kOk;
  std::string text;
};
Only only(const std::string& check, const std::vector<Finding>& findings) {
  const auto found = of(check, findings);
  INFO(check);
  REQUIRE(found.size() == 1);
  return {found[0].severity, found[0].says + " -> " + found[0].mend};
}

TEST_CASE("Nothing is found where nothing is wrong, and every check has looked") {
  WatchedDatabase database;
  const auto findings = examine(database.url());
  std::string names;
  for (const auto& finding : findings) {
    INFO(finding.check << ": " << finding.says);
    CHECK(finding.severity == Severity::kOk);
    CHECK(finding.mend.empty());
    names += finding.check + ' ';
  }
  CHECK(names ==
        "server transport pooler connections clock rights schema triggers ddl wake notify_queue "
        "transactions retention ");
}

TEST_CASE("A database that cannot be reached, or is unfit, is the only finding") {
  const auto nowhere = examine("host=127.0.0.1 port=1 user=u password=hunter2");
  REQUIRE(nowhere.size() == 1);
  CHECK(nowhere[0].severity == Severity::kError);
  CHECK(nowhere[0].check == "server");
  CHECK_THAT(nowhere[0].says, Contains("127.0.0.1") && !Contains("hunter2"));
  CHECK_THAT(nowhere[0].mend, Contains("--database"));

  TestDatabase database;
  database.exec("CREATE DATABASE ascii TEMPLATE template0 ENCODING 'SQL_ASCII' LOCALE 'C'");
  const auto unfit = only("server", examine(database.url() + " dbname=ascii"));
  database.exec("DROP DATABASE ascii WITH (FORCE)");
  CHECK(unfit.severity == Severity::kError);
  CHECK_THAT(unfit.text, Contains("SQL_ASCII"));
}

TEST_CASE("A schema that is missing, too old or too new is found, and what needs it left out") {
  TestDatabase database;
  const std::string newest = "(SELECT max(version) FROM ordercast.schema_version)";
  const auto [spoil, mend] = GENERATE_COPY(
      std::pair<std::string, std::string>("DROP SCHEMA ordercast CASCADE", "ordercast migrate"),
      std::pair<std::string, std::string>(
          "DELETE FROM ordercast.schema_version WHERE version = " + newest, "ordercast migrate"),
      std::pair<std::string, std::string>(
          "INSERT INTO ordercast.schema_version VALUES (9999, 'from_the_future')", "newer"));
  database.exec(spoil);
  const auto findings = examine(database.url());
  const auto found = only("schema", findings);
  CHECK(found.severity == Severity::kError);
  CHECK_THAT(found.text, Contains("-> ") && Contains(mend));
  CHECK(of("triggers", findings).empty());
  CHECK(of("retention", findings).empty());
}

TEST_CASE("Every single right that a reader is given is missed, and how to give it is said") {
  WatchedDatabase database;
  database.exec("SELECT ordercast.grant_reader('helper'); GRANT pg_read_all_stats TO helper");
  const auto healthy = only("rights", examine(database.helper()));
  CHECK(healthy.severity == Severity::kOk);
  CHECK_THAT(healthy.text, Contains("helper may read the log, and no more"));

  // Whatever grant_reader() gives, and not a list of this test's.
  const auto given = database.exec(
      "SELECT format('USAGE ON SCHEMA ordercast') UNION ALL"
      " SELECT format('SELECT ON ordercast.%I', relname) FROM pg_class, aclexplode(relacl)"
      "  WHERE grantee = 'helper'::regrole AND relnamespace = 'ordercast'::regnamespace UNION ALL"
      " SELECT format('EXECUTE ON FUNCTION %s', p.oid::regprocedure)"
      "  FROM pg_proc p, aclexplode(proacl)"
      "  WHERE grantee = 'helper'::regrole AND pronamespace = 'ordercast'::regnamespace");
  REQUIRE(given.size() > 12);
  for (const auto& row : given) {
    const auto right = row[0].as<std::string>();
    INFO(right);
    database.exec(fmt::format("REVOKE {} FROM helper", right));
    const auto found = only("rights", examine(database.helper()));
    CHECK(found.severity == Severity::kError);
    CHECK_THAT(found.text, Contains("SELECT ordercast.grant_reader('helper');"));
    database.exec(fmt::format("GRANT {} TO helper", right));
  }
  CHECK(only("rights", examine(database.helper())).severity == Severity::kOk);
}

TEST_CASE(
    "Each trigger that is disabled, weaker or gone is found, with the statement that mends it") {
  WatchedDatabase database;
  struct Case {
    const char* spoil;
    Severity severity;
    const char* says;
    const char* mend;
  };
  const auto broken = GENERATE(values<Case>({
      {"ALTER TABLE public.orders DISABLE TRIGGER ordercast_delete", Severity::kError,
       "ordercast_delete of public.orders is disabled",
       "-> ALTER TABLE public.orders ENABLE ALWAYS TRIGGER ordercast_delete;"},
      {"ALTER TABLE public.orders_1 DISABLE TRIGGER ordercast_update", Severity::kError,
       "ordercast_update of public.orders_1 is disabled",
       "-> ALTER TABLE public.orders_1 ENABLE ALWAYS TRIGGER ordercast_update;"},
      {"ALTER TABLE public.orders ENABLE REPLICA TRIGGER ordercast_insert", Severity::kError,
       "ordercast_insert of public.orders is disabled", "ENABLE ALWAYS"},
      {"ALTER TABLE public.orders ENABLE TRIGGER ordercast_insert", Severity::kWarning,
       "does not see what replication writes", "ENABLE ALWAYS TRIGGER ordercast_insert"},
      {"DROP TRIGGER ordercast_truncate ON public.orders", Severity::kError,
       "public.orders has no trigger ordercast_truncate", "-> ordercast watch public.orders again"},
  }));
  // PostgreSQL would put the triggers in place again.
  database.exec("ALTER EVENT TRIGGER ordercast_follow_ddl DISABLE");
  database.exec(broken.spoil);
  std::string said;
  for (const auto& finding : of("triggers", examine(database.url()))) {
    CHECK(finding.severity == broken.severity);
    said += finding.says + " -> " + finding.mend + '\n';
  }
  CHECK_THAT(said, Contains(broken.says) && Contains(broken.mend));
}

TEST_CASE("A table that is gone, and no table at all, are found") {
  WatchedDatabase database;
  database.exec("ALTER EVENT TRIGGER ordercast_follow_drop DISABLE; DROP TABLE public.orders");
  const auto gone = only("triggers", examine(database.url()));
  CHECK(gone.severity == Severity::kError);
  CHECK_THAT(gone.text,
             Contains("public.orders, is not there") && Contains("-> ordercast unwatch orders"));
  database.exec("SELECT ordercast.unwatch('orders')");
  const auto none = only("triggers", examine(database.url()));
  CHECK(none.severity == Severity::kWarning);
  CHECK_THAT(none.text, Contains("ordercast watch TABLE"));
}

TEST_CASE("Where nothing follows ALTER TABLE, that is found") {
  WatchedDatabase database;
  database.exec("ALTER EVENT TRIGGER ordercast_follow_ddl DISABLE");
  const auto found = only("ddl", examine(database.url()));
  CHECK(found.severity == Severity::kWarning);
  CHECK_THAT(found.text, Contains("ALTER EVENT TRIGGER ordercast_follow_ddl ENABLE"));
}

TEST_CASE("How nodes are woken is told") {
  WatchedDatabase database;
  CHECK_THAT(only("wake", examine(database.url())).text, Contains("no node is connected"));
  const auto node = connect(database.url());  // calls itself ordercast
  CHECK_THAT(only("wake", examine(database.url())).text, Contains("nodes are awake"));
  pqxx::nontransaction(*node).exec("SELECT ordercast.arm()");
  CHECK_THAT(only("wake", examine(database.url())).text, Contains("a node sleeps"));
}

TEST_CASE("A NOTIFY queue that fills is found, and what holds it up") {
  WatchedDatabase database;
  const auto holder = database.connect();
  pqxx::nontransaction(*holder).exec("LISTEN busy");
  pqxx::work idle(*holder);
  idle.exec("SELECT 1");
  database.exec("SELECT pg_notify('busy', repeat(n::text, 1000)) FROM generate_series(1, 99) n");
  CheckupOptions options;
  options.limits.notify_queue = 1e-9;
  const auto filling = only("notify_queue", examine(database.url(), options));
  CHECK(filling.severity == Severity::kWarning);
  CHECK_THAT(filling.text, Contains("idle in transaction"));
  options.limits.notify_queue_full = 1e-9;
  CHECK(only("notify_queue", examine(database.url(), options)).severity == Severity::kError);
}

TEST_CASE("A transaction that stays open is found, with who has it") {
  WatchedDatabase database;
  const auto session = database.connect();
  pqxx::work open(*session);
  open.exec("SET application_name = 'report'; SELECT pg_current_xact_id()");
  CheckupOptions options;
  CHECK(only("transactions", examine(database.url(), options)).severity == Severity::kOk);
  options.limits.long_transaction = {};
  const auto found = only("transactions", examine(database.url(), options));
  CHECK(found.severity == Severity::kWarning);
  CHECK_THAT(found.text,
             Contains("idle in transaction, report") && Contains("pg_terminate_backend"));

  database.exec("SELECT ordercast.grant_reader('helper')");
  const auto blind = only("transactions", examine(database.helper()));
  CHECK(blind.severity == Severity::kWarning);
  CHECK_THAT(blind.text, Contains("GRANT pg_read_all_stats TO helper"));
}

TEST_CASE("Clocks that differ are found, by how much, and in which direction") {
  WatchedDatabase database;
  using Millis = std::chrono::milliseconds;
  CheckupOptions options;
  const auto shifted = [&](Millis by) {
    options.now = [by] { return std::chrono::system_clock::now() + by; };
    return only("clock", examine(database.url(), options));
  };
  const auto behind = shifted(Millis(20'000));
  CHECK(behind.severity == Severity::kWarning);
  CHECK_THAT(behind.text, Contains("behind") && Contains("NTP"));
  const auto ahead = shifted(Millis(-100'000));
  CHECK(ahead.severity == Severity::kError);
  CHECK_THAT(ahead.text, Contains("ahead of"));
}

TEST_CASE("A log beyond its size, and one that nobody prunes, are found") {
  WatchedDatabase database;
  database.exec(
      "SELECT ordercast.set_retention(size => '1 MB');"
      "INSERT INTO ordercast.change_log (stream, op, new_row)"
      " SELECT 'orders', 'r', repeat(md5(n::text), 30) FROM generate_series(1, 2000) n");
  const auto large = only("retention", examine(database.url()));
  CHECK(large.severity == Severity::kWarning);
  CHECK_THAT(large.text, Contains("more than its size limit") && Contains("ordercast prune"));

  database.exec(
      "SELECT ordercast.set_retention(size => 'unlimited');"
      "UPDATE ordercast.change_log SET at = at - interval '10 days'");
  const auto old = only("retention", examine(database.url()));
  CHECK(old.severity == Severity::kWarning);
  CHECK_THAT(old.text, Contains("older than what is kept, and no node is connected") &&
                           Contains("start one, or run `ordercast prune`"));
  const auto node = connect(database.url());  // calls itself ordercast
  CHECK_THAT(only("retention", examine(database.url())).text,
             Contains("older than what is kept, though a node is connected"));
}

TEST_CASE("Room for too few connections is found, wherever it is missing") {
  // Each in a database of its own: a session counts until its process has ended, a while after it
  // was closed, and would take the place of the next one.
  WatchedDatabase database;
  database.exec("SELECT ordercast.grant_reader('helper')");
  SECTION("the role's") {
    database.exec("ALTER ROLE helper CONNECTION LIMIT 3");
    const auto role = only("connections", examine(database.helper()));
    CHECK(role.severity == Severity::kError);
    CHECK_THAT(role.text, Contains("the role may have 3") && Contains("ALTER ROLE"));
    database.exec("ALTER ROLE helper CONNECTION LIMIT 4");
    CHECK(only("connections", examine(database.helper())).severity == Severity::kOk);
  }
  SECTION("the database's") {
    database.exec(fmt::format("ALTER DATABASE {} CONNECTION LIMIT 3", database.name()));
    const auto whole = only("connections", examine(database.helper()));
    CHECK(whole.severity == Severity::kError);
    CHECK_THAT(whole.text, Contains("the database takes 3"));
  }
}

TEST_CASE("A database on another machine without a checked certificate is found") {
  WatchedDatabase database;
  CHECK(only("transport", examine(database.url())).severity == Severity::kOk);
  // The first of the hosts is a socket here, and answers.
  const auto hosts =
      fmt::format("{} host={},db.example", database.url(), database.connect()->hostname());
  const auto found = only("transport", examine(hosts));
  CHECK(found.severity == Severity::kWarning);
  CHECK_THAT(found.text, Contains("sslmode=verify-full"));
}

}  // namespace
}  // namespace ordercast::pg
