// `ordercast doctor`: what it prints, and its exit code. What each check finds:
// unit/pg/checkup_test.cc, unit/app/machine_checks_test.cc.
#include <fmt/format.h>

#include <catch2/catch.hpp>
#include <filesystem>
#include <fstream>
#include <nlohmann/json.hpp>
#include <optional>
#include <string>

#include "pg/server_user.h"
#include "support/config_file.h"
#include "support/eventually.h"
#include "support/node.h"
#include "support/orders_table.h"
#include "support/temp_dir.h"

namespace ordercast {
namespace {

using namespace testing;
using Catch::Contains;
namespace fs = std::filesystem;

CommandResult doctor(const std::string& database, std::vector<std::string> more = {}) {
  // So few connections that any machine has room for them.
  more.insert(more.begin(), {"doctor", "--database", database, "--max-connections", "100"});
  return run_ordercast(more);
}

nlohmann::json finding(const CommandResult& result, const std::string& check) {
  const auto body = nlohmann::json::parse(result.out);
  for (const auto& each : body.at("findings")) {
    if (each.at("check") == check) return each;
  }
  throw std::runtime_error("no finding of " + check + " in " + result.out);
}

TEST_CASE("A healthy database: a line for each check, and 0") {
  OrdersTable orders;
  const auto result = doctor(orders.database().url());
  CHECK(result.code == 0);
  CHECK(result.err.empty());
  CHECK_THAT(result.out, Catch::StartsWith("ok       server        PostgreSQL ") &&
                             Contains("\nok       triggers      stream orders: ") &&
                             Contains("\nok       descriptors   ") && Contains("\n0 errors, "));
}

TEST_CASE("What keeps changes from clients is an error: 1, and how to mend it") {
  OrdersTable orders;
  // Else the event trigger mends it at once.
  orders.exec(
      "ALTER EVENT TRIGGER ordercast_follow_ddl DISABLE;"
      "ALTER TABLE public.orders DISABLE TRIGGER ordercast_insert");
  const auto result = doctor(orders.database().url());
  CHECK(result.code == 1);
  CHECK_THAT(
      result.out,
      Contains("\nerror    triggers ") &&
          Contains("→ ALTER TABLE public.orders ENABLE ALWAYS TRIGGER ordercast_insert;\n") &&
          Contains("\n1 errors, "));
  CHECK(doctor("host=127.0.0.1 port=1 password=hunter2").code == 1);
}

TEST_CASE("For machines: JSON, with the same exit code; a warning alone is 0") {
  OrdersTable orders;
  orders.exec("SELECT ordercast.unwatch('orders')");
  const auto result = doctor(orders.database().url(), {"--json"});
  CHECK(result.code == 0);
  const auto body = nlohmann::json::parse(result.out);
  CHECK(body.at("errors") == 0);
  CHECK(body.at("warnings") >= 1);
  CHECK(finding(result, "triggers") == nlohmann::json{{"check", "triggers"},
                                                      {"severity", "warning"},
                                                      {"says", "no table is watched"},
                                                      {"mend", "ordercast watch TABLE"}});
  CHECK(finding(result, "server").at("mend").is_null());

  const auto nowhere = doctor("host=127.0.0.1 port=1 password=hunter2", {"--json"});
  CHECK(nowhere.code == 1);
  CHECK(finding(nowhere, "server").at("severity") == "error");
  CHECK_THAT(nowhere.out, !Contains("hunter2"));
}

TEST_CASE("The file that serve has says where its database is; keys of others' are no mistakes") {
  OrdersTable orders;
  const TestConfigFile file(fmt::format(
      "database = \"{}\"\nmax-connections = 100\nheartbeat-ms = 1000\n", orders.database().url()));
  const auto result = run_ordercast({"doctor", "--config", file.path()});
  INFO(result.err);
  CHECK(result.code == 0);
  CHECK_THAT(result.out, Contains("\nok       triggers      stream orders: "));
  file.write("max-connection = 100\n");
  const auto wrong = run_ordercast({"doctor", "--config", file.path()});
  CHECK(wrong.code == 1);
  CHECK_THAT(wrong.err, Contains(":1: unknown key \"max-connection\"; the nearest is max-"));
}

// PgBouncer before the test's PostgreSQL, on a socket of its own.
class Bouncer {
 public:
  Bouncer(const std::string& server, const std::string& mode) {
    pqxx::connection connection(server);
    database_ = connection.dbname();
    const std::string config = dir_.path() / "pgbouncer.ini";
    std::ofstream(config) << fmt::format(
        "[databases]\n* = host={} port={} "
        "user=postgres\n[pgbouncer]\nunix_socket_dir={}\nlisten_port=6432\n"
        "auth_type=any\npool_mode={}\nignore_startup_parameters=extra_float_digits\n",
        connection.hostname(), connection.port(), dir_.path().string(), mode);
    TestProcessOptions options;
    if (const auto user = pg::ServerUser::choose(); user.other) {
      options.run_as = user.ids;  // it does not run as root
      fs::permissions(dir_.path(), fs::perms::all);
    }
    process_.emplace(std::vector<std::string>{"pgbouncer", "--quiet", config}, options);
    REQUIRE(eventually([&] { return fs::exists(dir_.path() / ".s.PGSQL.6432"); }));
  }
  [[nodiscard]] std::string url() const {
    return fmt::format("host={} port=6432 dbname={} user=postgres", dir_.path().string(),
                       database_);
  }

 private:
  TempDir dir_;
  std::string database_;
  std::optional<TestProcess> process_;
};

TEST_CASE("A pooler that gives sessions away is found; one that does not is no trouble") {
  OrdersTable orders;
  const auto pooler_before = [&](const std::string& mode) {
    const Bouncer bouncer(orders.database().url(), mode);
    return finding(doctor(bouncer.url(), {"--json"}), "pooler");
  };
  const auto transaction = pooler_before("transaction");
  CHECK(transaction.at("severity") == "error");
  CHECK_THAT(transaction.at("mend").get<std::string>(), Contains("pool_mode=session"));
  const auto session = pooler_before("session");
  CHECK(session.at("severity") == "ok");
  CHECK_THAT(session.at("says").get<std::string>(), Contains("a pooler or proxy"));
}

}  // namespace
}  // namespace ordercast
