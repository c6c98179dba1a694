// `migrate`: the schema of the binary in a database of somebody else's.
#include <catch2/catch.hpp>
#include <string>

#include "support/child_process.h"
#include "support/node.h"
#include "support/test_database.h"

namespace ordercast {
namespace {

using namespace testing;
using Catch::Contains;

class BareDatabase : public TestDatabase {
 public:
  BareDatabase() { exec("DROP SCHEMA ordercast CASCADE"); }
};

TEST_CASE("migrate installs the schema, says what it applied, and again has nothing to do") {
  BareDatabase database;
  const auto first = run_ordercast({"migrate", "--database", database.url()});
  CHECK(first.code == 0);
  CHECK_THAT(first.out, Contains("applied 0001 "));
  CHECK(database.scalar("SELECT min(version) FROM ordercast.schema_version") == "1");

  const auto second = run_ordercast({"migrate", "--database", database.url()});
  CHECK(second.code == 0);
  CHECK_THAT(second.out, Contains("nothing to do"));
}

TEST_CASE("Two migrates at once both succeed, and each version is applied by one of them") {
  BareDatabase database;
  auto first = TestProcess::ordercast({"migrate", "--database", database.url()});
  auto second = TestProcess::ordercast({"migrate", "--database", database.url()});
  const auto said = first.read_rest() + second.read_rest();
  CHECK(first.wait().success());
  CHECK(second.wait().success());
  CHECK(said.find("applied 0001") != std::string::npos);
  CHECK(said.find("applied 0001") == said.rfind("applied 0001"));
}

TEST_CASE("A database that a newer ordercast migrated is refused and left alone") {
  TestDatabase database;
  database.exec("INSERT INTO ordercast.schema_version VALUES (9999, 'from_the_future')");
  const auto result = run_ordercast({"migrate", "--database", database.url()});
  CHECK(result.code == 1);
  CHECK_THAT(result.err, Contains("schema version 9999"));
}

TEST_CASE("migrate --check lists what is due, changes nothing, and says so by its exit code") {
  BareDatabase database;
  const auto check = [&] {
    return run_ordercast({"migrate", "--check", "--database", database.url()});
  };
  const auto bare = check();
  CHECK(bare.code == 2);
  CHECK_THAT(bare.out, Catch::StartsWith("due 0001 change_log\ndue 0002 "));
  CHECK(database.scalar("SELECT to_regnamespace('ordercast')").empty());

  REQUIRE(run_ordercast({"migrate", "--database", database.url()}).code == 0);
  const auto done = check();
  CHECK(done.code == 0);
  CHECK_THAT(done.out, Contains("nothing to do"));

  const auto newest = database.scalar(
      "DELETE FROM ordercast.schema_version WHERE version = (SELECT max(version) FROM"
      " ordercast.schema_version) RETURNING to_char(version, 'FM0000')");
  const auto one = check();
  CHECK(one.code == 2);
  CHECK_THAT(one.out, Catch::StartsWith("due " + newest + " "));
  const auto nowhere = run_ordercast({"migrate", "--check", "--database", "host=127.0.0.1 port=1"});
  CHECK(nowhere.code == 1);
}

TEST_CASE("A newer schema that says that this ordercast can read it is left alone") {
  TestDatabase database;
  database.exec(
      "INSERT INTO ordercast.schema_version"
      " SELECT 9999, 'more', now(), max(version) FROM ordercast.schema_version");
  for (const auto* option : {"", "--check"}) {
    std::vector<std::string> arguments{"migrate", "--database", database.url()};
    if (*option != '\0') arguments.emplace_back(option);
    const auto result = run_ordercast(arguments);
    CHECK(result.code == 0);
    CHECK_THAT(result.out, Contains("newer ordercast, version 9999"));
  }
  CHECK(database.scalar("SELECT max(version) FROM ordercast.schema_version") == "9999");
}

TEST_CASE("A connection that fails does not show the password") {
  const auto result =
      run_ordercast({"migrate", "--database", "postgresql://u:hunter2@127.0.0.1:1/db"});
  CHECK(result.code == 1);
  CHECK_THAT(result.err, Contains("127.0.0.1") && !Contains("hunter2"));
}

}  // namespace
}  // namespace ordercast
