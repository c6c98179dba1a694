// What the command line refuses, and what it says; what it waits for instead.
#include <fmt/format.h>

#include <catch2/catch.hpp>
#include <csignal>
#include <string>

#include "support/event_client.h"
#include "support/eventually.h"
#include "support/node.h"
#include "support/orders_table.h"

namespace ordercast {
namespace {

using namespace testing;
using Catch::Contains;

// A database that is never reached: serve would go on for ever.
constexpr char kNowhere[] = "host=127.0.0.1 port=1 connect_timeout=1";

bool says(ServedNode& node, const std::string& text) {
  return eventually([&] { return node.process().stderr_text().find(text) != std::string::npos; });
}

TEST_CASE("An address that is none is refused with an example") {
  for (const auto* address : {"8080", "localhost", "127.0.0.1:", "127.0.0.1:http", ":8080",
                              "127.0.0.1:65536", "::1:8080"}) {
    INFO(address);
    const auto result = run_ordercast({"serve", "--database", kNowhere, "--listen", address});
    CHECK(result.code == 1);
    CHECK_THAT(result.err, Contains(fmt::format("'{}' is not HOST:PORT", address)) &&
                               Contains("127.0.0.1:8080"));
    CHECK(result.out.empty());
  }
}

TEST_CASE("An address that other machines can reach needs --open") {
  for (const auto* address : {"0.0.0.0:0", "[::]:0", "192.0.2.1:0"}) {
    INFO(address);
    const auto result = run_ordercast({"serve", "--database", kNowhere, "--listen", address});
    CHECK(result.code == 1);
    CHECK_THAT(result.err, Contains("--open"));
  }
  auto open =
      TestProcess::ordercast({"serve", "--database", kNowhere, "--listen", "0.0.0.0:0", "--open"});
  CHECK_THAT(open.wait_for_line("listening on "), Catch::StartsWith("http://0.0.0.0:"));
  open.signal(SIGTERM);
  CHECK(open.wait().success());
}

TEST_CASE("A port that is taken is refused, and never shared") {
  ServedNode node({"serve", "--database", kNowhere});
  const auto result = run_ordercast(
      {"serve", "--database", kNowhere, "--listen", fmt::format("127.0.0.1:{}", node.port())});
  CHECK(result.code == 1);
  CHECK_THAT(result.err, Contains("in use", Catch::CaseSensitive::No));
  CHECK(result.out.empty());
  CHECK(node.get("/livez").status == 200);
}

TEST_CASE("Without its database the server lives, is not ready, and lets clients try again") {
  ServedNode node({"serve", "--database", std::string(kNowhere) + " user=shop password=oyster"});
  CHECK(node.get("/livez").status == 200);
  CHECK(node.get("/readyz").status == 503);
  // 200, because EventSource gives up for ever on anything else.
  EventStreamClient client(node.port(), "/v1/streams/orders");
  CHECK(client.response().status == 200);
  const auto status = client.next();
  REQUIRE(status);
  CHECK(status->data == R"({"database":"down"})");
  CHECK(client.next() == std::nullopt);
  CHECK(client.decoder().retry().has_value());
  REQUIRE(says(node, "trying again"));
  CHECK_THAT(node.process().stderr_text(), Contains("127.0.0.1") && !Contains("oyster"));
  CHECK(node.stop(SIGINT).success());
}

TEST_CASE("A database that does not exist is named; the server waits for it") {
  TestDatabase database;
  const auto nowhere = database.url() + " dbname=missing";
  const auto migrate = run_ordercast({"migrate", "--database", nowhere});
  CHECK(migrate.code == 1);
  CHECK_THAT(migrate.err, Contains("\"missing\" does not exist"));

  ServedNode node({"serve", "--database", nowhere});
  CHECK(says(node, R"(\"missing\" does not exist)"));  // in JSON
  CHECK(node.get("/readyz").status == 503);
}

TEST_CASE("A database without the schema: the server says what to do, and serves once it is done") {
  OrdersTable orders;
  orders.exec("DROP TABLE public.orders; DROP SCHEMA ordercast CASCADE");
  const auto url = orders.database().url();
  ServedNode node({"serve", "--database", url});
  CHECK(says(node, "ordercast migrate"));
  CHECK(node.get("/readyz").status == 503);
  const auto early = run_ordercast({"watch", "--database", url, "orders"});
  CHECK(early.code == 1);

  orders.exec("CREATE TABLE public.orders (id int PRIMARY KEY)");
  const auto unmigrated = run_ordercast({"watch", "--database", url, "orders"});
  CHECK(unmigrated.code == 1);
  CHECK_THAT(unmigrated.err, Contains("ordercast migrate"));

  const auto migrated = run_ordercast({"migrate", "--database", url});
  CHECK(migrated.code == 0);
  CHECK_THAT(migrated.out, Contains("applied 0001"));
  CHECK(run_ordercast({"watch", "--database", url, "orders"}).code == 0);
  node.wait_until_ready();
  // It may have been ready before the table was watched.
  REQUIRE(eventually(
      [&] { return node.get("/v1/streams/nothing").body.find("orders") != std::string::npos; }));
  EventClient client(node.port());
  orders.exec("INSERT INTO orders VALUES (1)");
  CHECK(client.expect("insert").at("key").at("id") == 1);

  const auto again = run_ordercast({"migrate", "--database", url});
  CHECK(again.code == 0);
  CHECK_THAT(again.out, Contains("nothing to do"));
}

TEST_CASE("A command line that means two things, or nothing, is refused") {
  CHECK(run_ordercast({}).code != 0);
  CHECK(run_ordercast({"serve", "--heartbeat-ms", "0"}).code != 0);
  const auto both = run_ordercast({"serve", "--database", kNowhere, "--data-dir", "/tmp/x"});
  CHECK(both.code != 0);
  CHECK_THAT(both.err, Contains("--data-dir"));
  const auto version = run_ordercast({"--version"});
  CHECK(version.code == 0);
  CHECK_THAT(version.out, Catch::StartsWith("ordercast "));
  CHECK_THAT(run_ordercast({"--help"}).out, Contains("serve") && Contains("demo"));
}

TEST_CASE("A verb or an option that there is not is refused, with the nearest that there is") {
  struct Case {
    std::vector<std::string> line;
    const char* nearest;
  };
  for (const auto& [line, nearest] :
       std::vector<Case>{{{"serv"}, "The nearest is serve.\n"},
                         {{"serve", "--heartbeat", "100"}, "The nearest is --heartbeat-ms.\n"},
                         {{"serve", "--max_streams=5"}, "The nearest is --max-streams.\n"},
                         {{"token", "mnt"}, "The nearest is mint.\n"},
                         {{"--versoin"}, "The nearest is --version.\n"}}) {
    INFO(line.back());
    const auto result = run_ordercast(line);
    CHECK(result.code != 0);
    CHECK(result.out.empty());
    CHECK_THAT(result.err, Contains(nearest));
  }
  CHECK_THAT(run_ordercast({"serve", "--heartbeat-ms", "soon"}).err, !Contains("nearest"));
}

TEST_CASE("An event's id is printed readably, and what is none is refused") {
  const auto result = run_ordercast({"cursor", "decode", "--json", "1ASNFZ4mr7gUCAgY"});
  CHECK(result.code == 0);
  CHECK(nlohmann::json::parse(result.out).at("snapshot").at("xmax") == "750");
  const auto none = run_ordercast({"cursor", "decode", "1ASNFZ4mr7gUCAg"});
  CHECK(none.code == 1);
  CHECK(none.out.empty());
  CHECK_THAT(none.err, Contains("not a cursor: '1ASNFZ4mr7gUCAg'"));
}

TEST_CASE("What is kept of the changes is printed, and set") {
  TestDatabase database;
  const auto run = [&](std::vector<std::string> more) {
    more.insert(more.begin(), {"retention", "--database", database.url()});
    return run_ordercast(more);
  };
  CHECK_THAT(run({}).out, Contains("age     6 days\nsize    unlimited\nlog     ") &&
                              Contains("\noldest  none\n"));
  const auto set = run({"--age", "36h", "--size", "2GB"});
  CHECK(set.code == 0);
  CHECK_THAT(set.out, Contains("age     1 day 12:00:00\nsize    2048 MB\n"));
  CHECK_THAT(run({"--size", "unlimited"}).out, Contains("1 day 12:00:00\nsize    unlimited\n"));
  const auto wrong = run({"--age", "soon"});
  CHECK(wrong.code == 1);
  CHECK_THAT(wrong.err, Contains("soon"));
}

TEST_CASE("The URL of the database can come from the environment, where no process list shows it") {
  TestDatabase database;
  const auto result =
      run_ordercast({"migrate"}, {.environment = {{"ORDERCAST_DATABASE", database.url()}}});
  CHECK(result.code == 0);
  CHECK_THAT(result.out, Contains("nothing to do"));
}

}  // namespace
}  // namespace ordercast
