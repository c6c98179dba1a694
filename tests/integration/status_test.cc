// `ordercast status`: what a node says of itself, on one page.
#include <catch2/catch.hpp>
#include <nlohmann/json.hpp>
#include <string>
#include <vector>

#include "support/event_client.h"
#include "support/eventually.h"
#include "support/node.h"
#include "support/orders_table.h"
#include "support/temp_dir.h"
#include "support/test_keys.h"

namespace ordercast {
namespace {

using namespace testing;
using Catch::Contains;
using nlohmann::json;

CommandResult status(std::vector<std::string> more) {
  more.insert(more.begin(), "status");
  return run_ordercast(more);
}

json report(std::vector<std::string> more) {
  more.emplace_back("--json");
  const auto result = status(std::move(more));
  INFO(result.err);
  CHECK(result.code == 0);
  return json::parse(result.out);
}

TEST_CASE("Streams, subscribers, lag and the log, as a table and as JSON") {
  OrdersTable orders;
  orders.exec(
      "SELECT ordercast.watch('public.orders', columns => '{status}', tenant => 'merchant')");
  const ServedNode node(orders.database());
  const EventClient one(node.port());
  const EventClient two(node.port(), {.query = "status=eq.paid", .filtered = true});
  orders.exec("INSERT INTO orders (id) VALUES (1)");
  // The log is measured every 10 s, for the first time at once.
  REQUIRE(eventually([&] {
    const auto now = report({node.url()});
    return now["subscribers"] == 2 && now["caught_up"] == 2 && !now["log_bytes"].is_null();
  }));
  const auto now = report({node.url()});
  CHECK(now["ready"] == true);
  CHECK(now["views"] == 2);
  CHECK(now["lag_seconds"] >= 0);
  CHECK(now["log_bytes"] > 10'000);
  CHECK(now["notes"] == json::array());
  CHECK(now["streams"] == json::parse(R"([{"name":"orders","key":["id"],"columns":3,
                                           "tenant":"merchant"}])"));

  const auto page = status({node.url()});
  CHECK(page.code == 0);
  CHECK_THAT(page.out, Contains(node.url() + "   ready\n") &&
                           Contains("subscribers              2\n") && Contains("\nlog, MiB  ") &&
                           Contains("\norders                   id                             3"));
}

TEST_CASE("A node that is not ready says why: 1; one that is away: 2") {
  const ServedNode node({"serve", "--database", "host=127.0.0.1 port=1 connect_timeout=1"});
  const auto waiting = status({node.url()});
  CHECK(waiting.code == 1);
  CHECK_THAT(waiting.out, Contains("not ready: ") && Contains("(starting)"));
  CHECK(json::parse(status({node.url(), "--json"}).out).at("code") == "starting");

  const auto away = status({"http://127.0.0.1:1", "--json"});
  CHECK(away.code == 2);
  CHECK(json::parse(away.out).at("ready") == false);
  CHECK_THAT(status({"http://127.0.0.1:1"}).out, Contains("does not answer"));
}

TEST_CASE("What it may not see it does not make up: metrics elsewhere, streams behind a token") {
  OrdersTable orders;
  const TempDir dir;
  const auto secret = (dir.path() / "secret").string();
  const auto file = (dir.path() / "token").string();
  write_private(secret, hmac_secret().material);
  write_private(file, token_of(hmac_secret(), good_claims()));
  auto node = TestProcess::ordercast({"serve", "--database", orders.database().url(), "--listen",
                                      "127.0.0.1:0", "--metrics-listen", "127.0.0.1:0", "--jwt-key",
                                      secret});
  const auto metrics = node.wait_for_line("metrics at ");
  const auto url = node.wait_for_line("listening on ");
  REQUIRE(eventually([&] { return status({url}).code == 0; }));
  const auto blind = report({url});
  CHECK(blind["streams"].is_null());
  CHECK(blind["subscribers"].is_null());
  CHECK(blind["notes"].size() == 2);
  CHECK_THAT(blind["notes"].dump(), Contains("--metrics") && Contains("streams: "));

  const auto seen = report({url, "--token-file", file, "--metrics", metrics});
  CHECK(seen["streams"].size() == 1);
  CHECK(seen["subscribers"] == 0);
  CHECK(seen["notes"] == json::array());
}

}  // namespace
}  // namespace ordercast
