#include "app/environment.h"

#include <catch2/catch.hpp>
#include <utility>

namespace ordercast::app {
namespace {

std::vector<std::string> problems(std::vector<const char*> environment) {
  environment.push_back(nullptr);
  return environment_problems(environment.data(),
                              {"ORDERCAST_HEARTBEAT_MS", "ORDERCAST_LISTEN", "ORDERCAST_URL"});
}

TEST_CASE("An unknown variable is told with the nearest name, and without its value",
          "[environment]") {
  CHECK(problems({"ORDERCAST_LISTEN=:80", "ORDERCAST_LISTN=hunter2", "ORDERCAST_heartbeat_ms=1",
                  "PATH=/bin", "XORDERCAST_A=1", "ORDERCAST_NO_END"}) ==
        std::vector<std::string>{
            "environment: unknown variable ORDERCAST_LISTN; the nearest is ORDERCAST_LISTEN",
            "environment: unknown variable ORDERCAST_heartbeat_ms; the nearest is "
            "ORDERCAST_HEARTBEAT_MS"});
}

TEST_CASE("An empty variable is none, and some are read by other means", "[environment]") {
  CHECK(problems({"ORDERCAST_LISTN=", "ORDERCAST_TOKEN=t", "ORDERCAST_POSTGRES_BIN=/usr/bin",
                  "ORDERCAST_BINARY=/usr/bin/ordercast", "ORDERCAST_TEST_SEED=7"})
            .empty());
}

TEST_CASE("What Kubernetes tells of a Service called ordercast is no mistake", "[environment]") {
  CHECK(
      problems({"ORDERCAST_SERVICE_HOST=10.0.0.11", "ORDERCAST_SERVICE_PORT=8080",
                "ORDERCAST_SERVICE_PORT_HTTP=8080", "ORDERCAST_PORT=tcp://10.0.0.11:8080",
                "ORDERCAST_PORT_8080_TCP=tcp://10.0.0.11:8080", "ORDERCAST_PORT_8080_TCP_PROTO=tcp",
                "ORDERCAST_PORT_8080_TCP_PORT=8080", "ORDERCAST_PORT_8080_TCP_ADDR=10.0.0.11",
                "ORDERCAST_METRICS_SERVICE_HOST=10.0.0.12",
                "ORDERCAST_METRICS_PORT_53_UDP_ADDR=10.0.0.12"})
          .empty());
  // What a person may write is.
  CHECK(problems({"ORDERCAST_PORT=8080"}).size() == 1);
  CHECK(problems({"ORDERCAST_PORT_TCP=8080"}).size() == 1);
  CHECK(problems({"ORDERCAST_PORT_80_HTTP=8080"}).size() == 1);
}

// Has a verb that is set by the environment, and one that is not.
struct Program {
  CLI::App app{"", "program"};
  std::string url;

  Program() {
    app.add_subcommand("tail", "")->add_option("--url", url)->envname("ORDERCAST_URL");
    app.add_subcommand("man", "");
    auto* nested = app.add_subcommand("token", "")->add_subcommand("mint", "");
    nested->add_option("--url", url)->envname("ORDERCAST_KEY");
  }
};

TEST_CASE("Only who reads the environment minds what is in it", "[environment]") {
  const std::pair<const char*, bool> verb =
      GENERATE(std::pair("tail", true), std::pair("man", false), std::pair("token mint", true),
               std::pair("token", false));
  Program program;
  program.app.parse(verb.first, false);
  ::setenv("ORDERCAST_URLS", "x", 1);
  if (verb.second) {
    CHECK_THROWS_WITH(refuse_unknown_variables(program.app),
                      "environment: unknown variable ORDERCAST_URLS; the nearest is ORDERCAST_URL");
  } else {
    CHECK_NOTHROW(refuse_unknown_variables(program.app));
  }
  ::unsetenv("ORDERCAST_URLS");
  CHECK_NOTHROW(refuse_unknown_variables(program.app));
}

}  // namespace
}  // namespace ordercast::app
