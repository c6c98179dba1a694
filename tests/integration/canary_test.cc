// `ordercast canary`: the number, and the exit codes that monitoring goes by.
#include <catch2/catch.hpp>
#include <nlohmann/json.hpp>
#include <string>
#include <vector>

#include "support/node.h"
#include "support/orders_table.h"
#include "support/temp_dir.h"
#include "support/test_keys.h"

namespace ordercast {
namespace {

using namespace testing;
using Catch::Contains;

// Longer than a busy machine takes, and no more than --max-ms may be.
const std::vector<std::string> kPatient = {"--max-ms", "30000"};

CommandResult canary(std::vector<std::string> more,
                     const std::vector<std::string>& limits = kPatient) {
  more.insert(more.begin(), {"canary", "--json"});
  more.insert(more.end(), limits.begin(), limits.end());
  return run_ordercast(more);
}

nlohmann::json said(const CommandResult& result) {
  INFO(result.out << result.err);
  REQUIRE(result.out.ends_with("}\n"));
  return nlohmann::json::parse(result.out);
}

TEST_CASE("A message through the node comes back in time: 0, and how long it took") {
  OrdersTable orders;
  const ServedNode node(orders.database(), {"--desk"});
  const auto result = canary({node.url()});
  CHECK(result.code == 0);
  const auto body = said(result);
  CHECK(body.at("verdict") == "ok");
  CHECK(body.at("stream") == "orders");
  CHECK(body.at("commit_to_client_ms") > 0);
  CHECK(body.at("max_ms") == 30000);
  CHECK(orders.database().scalar("SELECT count(*) FROM ordercast.change_log WHERE op = 'm'") ==
        "1");
  // The shop's own tables are not touched.
  CHECK(orders.rows().empty());

  const auto line = run_ordercast({"canary", node.url(), "--max-ms", "30000"});
  CHECK(line.code == 0);
  CHECK_THAT(line.out, Contains(" ms from commit to client on orders (at most 30000)\n"));
}

TEST_CASE("Written by the database, it needs no --desk; without either it could not be tried: 2") {
  OrdersTable orders;
  const ServedNode node(orders.database());
  CHECK(canary({node.url(), "--database", orders.database().url()}).code == 0);

  const auto refused = canary({node.url()});
  CHECK(refused.code == 2);
  CHECK(said(refused).at("verdict") == "untried");
  CHECK_THAT(said(refused).at("detail").get<std::string>(), Contains("--desk"));
}

TEST_CASE("What takes longer than --max-ms is slow: 1") {
  OrdersTable orders;
  const ServedNode node(orders.database());
  // Its commit takes a while.
  orders.exec(
      "CREATE FUNCTION public.doze() RETURNS trigger LANGUAGE plpgsql AS"
      " $$ BEGIN PERFORM pg_sleep(0.2); RETURN NULL; END $$;"
      "CREATE CONSTRAINT TRIGGER doze AFTER INSERT ON ordercast.change_log"
      " DEFERRABLE INITIALLY DEFERRED FOR EACH ROW EXECUTE FUNCTION public.doze()");
  const auto result =
      canary({node.url(), "--database", orders.database().url()}, {"--max-ms", "100"});
  CHECK(result.code == 1);
  CHECK(said(result).at("verdict") == "slow");
  CHECK(said(result).at("commit_to_client_ms") >= 200);
}

TEST_CASE("What does not come is lost: 1") {
  OrdersTable orders;
  const ServedNode node(orders.database(), {"--heartbeat-ms", "100"});
  orders.exec(
      "CREATE FUNCTION public.swallow() RETURNS trigger LANGUAGE plpgsql AS"
      " $$ BEGIN RETURN NULL; END $$;"
      "CREATE TRIGGER swallow BEFORE INSERT ON ordercast.change_log"
      " FOR EACH ROW EXECUTE FUNCTION public.swallow()");
  const auto result = canary({node.url(), "--database", orders.database().url()},
                             {"--max-ms", "100", "--wait-ms", "1000"});
  CHECK(result.code == 1);
  CHECK(said(result).at("verdict") == "lost");
  CHECK(said(result).at("commit_to_client_ms").is_null());
}

TEST_CASE(
    "A node that asks for a token is brought one from a file, and told from one that is away") {
  OrdersTable orders;
  const TempDir dir;
  const auto secret = (dir.path() / "secret").string();
  const auto file = (dir.path() / "token").string();
  write_private(secret, hmac_secret().material);
  auto claims = good_claims();
  claims["ordercast"]["write"] = true;
  write_private(file, token_of(hmac_secret(), claims) + "\n");
  const ServedNode node(orders.database(), {"--desk", "--jwt-key", secret});
  CHECK(canary({node.url(), "--token-file", file}).code == 0);

  const auto without = canary({node.url()});
  CHECK(without.code == 2);
  CHECK_THAT(said(without).at("detail").get<std::string>(), Contains("token"));
  CHECK(canary({node.url(), "--stream", "nothing", "--token-file", file}).code == 2);

  const auto away = canary({"http://127.0.0.1:1"});
  CHECK(away.code == 2);
  CHECK_THAT(said(away).at("detail").get<std::string>(),
             Contains("http://127.0.0.1:1 does not answer"));
  const auto none = run_ordercast({"canary", "127.0.0.1:8080"});
  CHECK(none.code == 1);
  CHECK_THAT(none.err, Contains("'127.0.0.1:8080' is not the URL of a node"));
}

}  // namespace
}  // namespace ordercast
