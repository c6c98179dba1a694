#include "app/config_listing.h"

#include <catch2/catch.hpp>
#include <fstream>
#include <iterator>
#include <regex>

#include "app/serve_options.h"
#include "support/serve_config.h"
#include "support/temp_dir.h"

namespace ordercast::app {
namespace {

using Catch::Contains;
using testing::Environment;
using testing::serve_config;

std::string content(const std::string& path) {
  std::ifstream file(path);
  REQUIRE(file);
  return {std::istreambuf_iterator<char>(file), {}};
}

struct Serve {
  ServeOptions options;
  CLI::App app;

  Serve() { options.add_to(app); }
};

TEST_CASE("Each value is told with who has set it, and without secrets", "[config_listing]") {
  const testing::TempDir dir;
  const std::string file = dir.path() / "a.toml";
  std::ofstream(file) << "\nheartbeat-ms = 101\njwt-key = [\"a\", \"b\"]\ndrain-ms = 7\n";
  ::setenv("ORDERCAST_DATABASE", "postgres://shop:hunter2@db.example:5433/shop", 1);
  Serve serve;
  serve.app.parse("--desk --drain-ms 5 --config " + file, false);
  ::unsetenv("ORDERCAST_DATABASE");
  const auto text = config_values(serve.app, serve.options.config, false);
  const auto line = [](const std::string& value, const std::string& source) {
    return Contains(fmt::format("{:<40} # {}\n", value, source));
  };
  CHECK_THAT(text, line("heartbeat-ms = 101", "file " + file + ":2") &&
                       line("jwt-key = [\"a\", \"b\"]", "file " + file + ":3") &&
                       line("drain-ms = 5", "flag") && line("desk = true", "flag"));
  CHECK_THAT(text, Contains("database = \"user=shop password=*** dbname=shop host=db.example "
                            "port=5433\" # environment ORDERCAST_DATABASE\n"));
  CHECK_THAT(text, !Contains("hunter2") && !Contains("default") && !Contains("listen ="));

  const auto all = config_values(serve.app, serve.options.config, true);
  CHECK_THAT(all, line("listen = \"127.0.0.1:8080\"", "default") &&
                      line("#wake =", "default: armed; poll where transactions can be prepared") &&
                      line("cors-origin = []", "default") && line("open = false", "default"));
  CHECK_THAT(all, Contains(text.substr(0, text.find('\n'))));
}

TEST_CASE("docs/configuration.md has the options that there are", "[config_listing]") {
  const auto page = content("docs/configuration.md");
  Serve serve;
  INFO("rewrite it with tools/config_docs.sh");
  CHECK(page.find(config_markdown(serve.app)) != std::string::npos);
}

TEST_CASE("deploy/ordercast.toml is the example that the program prints", "[config_listing]") {
  Serve serve;
  INFO("rewrite it with tools/config_docs.sh");
  CHECK(content("deploy/ordercast.toml") == config_example(serve.app));
}

TEST_CASE("The example is accepted, and so is each default in it: they change nothing",
          "[config_listing]") {
  Serve serve;
  const auto example = config_example(serve.app);
  const testing::TempDir dir;
  const std::string path = dir.path() / "a.toml";
  const auto values = [&](const std::string& text) {
    std::ofstream(path) << text;
    return serve_config({"--config=" + path}, Environment::kIgnore).values();
  };
  const auto defaults = serve_config({}, Environment::kIgnore).values();
  CHECK(values(example) == defaults);
  const std::regex commented("\n#([a-z0-9-]+ = )");
  const auto uncommented = std::regex_replace(example, commented, "\n$1");
  CHECK_THAT(uncommented, Contains("\nheartbeat-ms = 15000\n"));
  CHECK(values(uncommented) == defaults);
}

}  // namespace
}  // namespace ordercast::app
