// The configuration of a whole node: where its values come from, what is refused, what SIGHUP
// changes while it serves.
#include <fmt/format.h>
#include <sys/stat.h>

#include <catch2/catch.hpp>
#include <csignal>
#include <nlohmann/json.hpp>
#include <string>

#include "support/config_file.h"
#include "support/event_client.h"
#include "support/eventually.h"
#include "support/node.h"
#include "support/orders_table.h"

namespace ordercast {
namespace {

using namespace testing;
using Catch::Contains;

// Whether a stream is served, as opposed to told to come again.
bool served(const ServedNode& node) {
  return fetch(node.port(), "GET", "/v1/streams/orders?until=now&last_event_id=earliest", {},
               {{"Accept", "application/x-ndjson"}})
             .status == 200;
}

bool says(ServedNode& node, const std::string& text) {
  return eventually([&] { return node.process().stderr_text().find(text) != std::string::npos; });
}

CommandResult check(const TestConfigFile& file, bool strict = false) {
  std::vector<std::string> command{"check-config", file.path()};
  if (strict) command.emplace_back("--strict");
  return run_ordercast(command);
}

TEST_CASE("A flag wins over the environment, that over the file, and a node obeys") {
  OrdersTable orders;
  const TestConfigFile file(fmt::format(
      "database = \"{}\"\nheartbeat-ms = 11000\nmax-streams = 1\nmax-streams-per-tenant = 3\n",
      orders.database().url()));
  const TestProcessOptions environment{.environment = {{"ORDERCAST_HEARTBEAT_MS", "12000"},
                                                       {"ORDERCAST_MAX_STREAMS_PER_TENANT", "4"},
                                                       {"ORDERCAST_CONFIG", file.path()}}};
  const auto printed =
      run_ordercast({"print-config", "--max-streams-per-tenant", "5"}, environment);
  CHECK(printed.code == 0);
  CHECK_THAT(printed.out, Contains("heartbeat-ms = 12000 ") &&
                              Contains("# environment ORDERCAST_HEARTBEAT_MS\n") &&
                              Contains(fmt::format("# file {}:3\n", file.path())) &&
                              Contains("max-streams-per-tenant = 5 ") && Contains("# flag\n") &&
                              !Contains("# default"));
  CHECK_THAT(run_ordercast({"print-config", "--defaults"}, environment).out,
             Contains("listen = \"127.0.0.1:8080\" ") && Contains("# default\n"));

  ServedNode node({"serve"}, environment);
  node.wait_until_ready();
  EventStreamClient client(node.port(), "/v1/streams/orders");
  const auto hello = nlohmann::json::parse(client.next_of_type("hello").data);
  CHECK(hello.at("heartbeat_ms") == 12'000);
  CHECK_FALSE(served(node));  // max-streams of the file
}

TEST_CASE("What is wrong with a file is told with its line, and nothing is served") {
  const TestConfigFile file("max_stream = 5\nheartbeat-ms = \"soon\"\n");
  for (const auto& result :
       {run_ordercast({"serve", "--config", file.path()}), check(file), check(file, true)}) {
    CHECK(result.code == 1);
    CHECK(result.out.empty());
    CHECK_THAT(result.err, Contains(file.path() +
                                    ":1: unknown key \"max_stream\"; the nearest is max-streams") &&
                               Contains(file.path() + ":2: heartbeat-ms: expected a whole number"));
  }
}

TEST_CASE("A variable ORDERCAST_… that there is not is an error, with the nearest that there is") {
  const auto with = [](const std::string& name, const std::string& value) {
    return TestProcessOptions{.environment = {{name, value}}};
  };
  for (const auto& command : std::vector<std::vector<std::string>>{
           {"serve"}, {"demo"}, {"print-config"}, {"status"}, {"canary"}}) {
    INFO(command.front());
    const auto result = run_ordercast(command, with("ORDERCAST_HEARTBEAT", "hunter2"));
    CHECK(result.code == 1);
    CHECK(result.out.empty());
    CHECK(result.err ==
          "ordercast: environment: unknown variable ORDERCAST_HEARTBEAT; the nearest is "
          "ORDERCAST_HEARTBEAT_MS\n");
  }
  // Help is given all the same, and what does not look at the environment goes on.
  for (const auto& command : std::vector<std::vector<std::string>>{
           {"serve", "--help"}, {"--version"}, {"man"}, {"completion", "bash"}}) {
    INFO(command.front());
    CHECK(run_ordercast(command, with("ORDERCAST_HEARTBEAT", "1")).code == 0);
  }
  // Kubernetes, of a Service called ordercast.
  CHECK(run_ordercast({"print-config"}, with("ORDERCAST_PORT", "tcp://10.0.0.11:8080")).code == 0);
}

TEST_CASE("check-config looks at the keys and values, with --strict at what they lead to") {
  const TestConfigFile file("heartbeat-ms = 100\n");
  CHECK(check(file).code == 0);
  CHECK(check(file, true).code == 0);
  const auto [text, said] = GENERATE(table<std::string, std::string>({
      {"listen = \"0.0.0.0:80\"\n", "--open"},
      {"listen = \"80\"\n", "not HOST:PORT"},
      {"database = \"host=db.example\"\n", "sslmode=verify-full"},
      {"jwt-key = \"/nowhere/key.pem\"\n", "/nowhere/key.pem"},
      {"database = \"host=/run password=hunter2\"\n", "chmod o-r"},
  }));
  file.write(text);
  CHECK(check(file).code == 0);
  const auto strict = check(file, true);
  CHECK(strict.code == 1);
  CHECK_THAT(strict.err, Contains(file.path()) && Contains(said) && !Contains("hunter2"));
}

TEST_CASE("A password in a file that only its owner and group read passes --strict") {
  const TestConfigFile file("database = \"host=/run password=hunter2\"\n");
  REQUIRE(::chmod(file.path().c_str(), 0640) == 0);
  CHECK(check(file, true).code == 0);
}

TEST_CASE("The example that is shipped passes check-config --strict") {
  const auto result = run_ordercast({"check-config", "--strict", "deploy/ordercast.toml"});
  CHECK(result.code == 0);
  CHECK(result.err.empty());
}

TEST_CASE("print-config shows no password, wherever it comes from") {
  constexpr char kUrl[] = "postgres://shop:hunter2@db.example/shop";
  const TestConfigFile file(fmt::format("database = \"{}\"\n", kUrl));
  for (const auto& result :
       {run_ordercast({"print-config", "--config", file.path()}),
        run_ordercast({"print-config", "--database", kUrl}),
        run_ordercast({"print-config"}, {.environment = {{"ORDERCAST_DATABASE", kUrl}}})}) {
    CHECK(result.code == 0);
    CHECK_THAT(result.out, Contains("password=***") && Contains("host=db.example"));
    CHECK_THAT(result.out + result.err, !Contains("hunter2"));
  }
}

TEST_CASE("SIGHUP changes limits and the log level; a bad file changes nothing") {
  OrdersTable orders;
  const TestConfigFile file("max-streams = 1\nmax-body-bytes = 2048\n");
  ServedNode node(orders.database(), {"--config", file.path()});
  EventClient first(node.port());
  CHECK_FALSE(served(node));
  const auto big_body = [&] {
    return fetch(node.port(), "POST", "/v1/orders", std::string(3'000, ' ')).status;
  };
  CHECK(big_body() == 413);

  file.write("max-streams = 2\nmax-body-bytes = 4096\nlog-level = \"debug\"\nheartbeat-ms = 70\n");
  node.process().signal(SIGHUP);
  REQUIRE(says(node, "needs a restart"));
  CHECK_THAT(node.process().stderr_text(),
             Contains("configuration: max-streams = 2, was 1") &&
                 Contains("configuration: heartbeat-ms = 70, was 15000: needs a restart"));
  CHECK(eventually([&] { return served(node); }));
  CHECK(big_body() != 413);
  static_cast<void>(node.get("/livez?seen"));
  CHECK(says(node, R"("msg":"request")"));

  file.write("max-streams = 1\nmax-body-bytes = \"much\"\n");
  node.process().signal(SIGHUP);
  REQUIRE(says(node, "what there was stays"));
  CHECK_THAT(node.process().stderr_text(),
             Contains(file.path() + ":2: max-body-bytes: expected a whole number"));
  CHECK(eventually([&] { return served(node); }));

  // Who is inside stays, also where the limit is now lower.
  file.write("max-streams = 1\n");
  node.process().signal(SIGHUP);
  REQUIRE(says(node, "configuration: max-streams = 1, was 2"));
  CHECK_FALSE(served(node));
  orders.exec("INSERT INTO orders (id) VALUES (1)");
  first.expect("insert");
  CHECK(node.stop(SIGTERM).success());
}

}  // namespace
}  // namespace ordercast
