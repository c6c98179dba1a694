#include "app/serving_options.h"

#include <catch2/catch.hpp>
#include <stdexcept>

namespace ordercast::app {
namespace {

using Catch::Contains;

TEST_CASE("Without a word about it, only this machine is served", "[serving_options]") {
  const auto options = ServingOptions{}.node_options();
  CHECK(options.listen.loopback());
  CHECK(options.heartbeat == std::chrono::seconds(15));
  CHECK(options.drain_window == std::chrono::seconds(10));
  CHECK_FALSE(options.wake.has_value());
  CHECK_FALSE(options.desk);
}

TEST_CASE("Other machines are served when that was said", "[serving_options]") {
  ServingOptions options;
  options.listen = "0.0.0.0:8080";
  CHECK_THROWS_WITH(options.node_options(), Contains("--open"));
  options.open = true;
  CHECK_FALSE(options.node_options().listen.loopback());
}

TEST_CASE("Requests may write when that was said", "[serving_options]") {
  ServingOptions options;
  CLI::App app;
  options.add_to(app);
  CHECK_THROWS_AS(app.parse("--desk", false), CLI::ExtrasError);
  options.add_desk_to(app);
  app.parse("--desk", false);
  CHECK(options.node_options().desk);
}

TEST_CASE("The options are read from the command line", "[serving_options]") {
  ServingOptions options;
  CLI::App app;
  options.add_to(app);
  CHECK_THROWS_AS(app.parse("--open", false), CLI::ExtrasError);
  options.add_open_to(app);
  app.parse(
      "--listen 0.0.0.0:81 --open --history-connections 4 --max-connections 12 --heartbeat-ms 250 "
      "--drain-ms 0 "
      "--wake notify",
      false);
  const auto node = options.node_options();
  CHECK(node.listen.port == 81);
  CHECK(node.heartbeat == std::chrono::milliseconds(250));
  CHECK(node.history_connections == 4);
  CHECK(node.server.max_connections == 12);
  CHECK(node.drain_window == std::chrono::milliseconds(0));
  CHECK_THROWS_AS(app.parse("--heartbeat-ms 9", false), CLI::ValidationError);
  CHECK(node.wake == pg::WakeMode::kNotify);
  CHECK_THROWS_AS(app.parse("--drain-ms -1", false), CLI::ValidationError);
  CHECK_THROWS_WITH(app.parse("--wake never", false), Contains("armed,notify,poll"));
}

}  // namespace
}  // namespace ordercast::app
