#include "app/config_option.h"

#include <catch2/catch.hpp>
#include <cstdlib>
#include <fstream>
#include <optional>
#include <vector>

#include "app/config_error.h"
#include "support/serve_config.h"
#include "support/temp_dir.h"

namespace ordercast::app {
namespace {

using Catch::Contains;
using testing::Environment;
using testing::serve_config;

class File {
 public:
  explicit File(const std::string& text) { std::ofstream(path()) << text; }
  [[nodiscard]] std::string path() const { return dir_.path() / "a.toml"; }
  [[nodiscard]] std::string flag() const { return "--config=" + path(); }

 private:
  testing::TempDir dir_;
};

// For the time of a test; ours is removed after it.
class EnvironmentVariable {
 public:
  EnvironmentVariable(const char* name, const char* value) : name_(name) {
    ::setenv(name, value, 1);
  }
  ~EnvironmentVariable() { ::unsetenv(name_); }
  EnvironmentVariable(const EnvironmentVariable&) = delete;
  EnvironmentVariable& operator=(const EnvironmentVariable&) = delete;

 private:
  const char* const name_;
};

CommandConfig parse(std::vector<std::string> flags) {
  return serve_config(std::move(flags), Environment::kRead);
}

TEST_CASE("A flag wins over the environment, that over the file, that over the default",
          "[config_option]") {
  const File file(
      "heartbeat-ms = 101\ndrain-ms = 102\nmax-connections = 103\n"
      "jwt-key = [\"a\", \"b\"]\ndesk = true\nopen = true\nmax-streams = 7\n"
      "connections-per-second = 2\nwake = \"poll\"\nallowed-host = \"one\"\n");
  const EnvironmentVariable drain("ORDERCAST_DRAIN_MS", "202");
  const EnvironmentVariable connections("ORDERCAST_MAX_CONNECTIONS", "203");
  const EnvironmentVariable open("ORDERCAST_OPEN", "false");
  const auto config =
      parse({file.flag(), "--max-connections=303", "--jwt-key=c", "--history-connections=5"});
  const auto& options = config.options();
  const auto& serving = options.serving;
  CHECK(serving.heartbeat_ms == 101);
  CHECK(serving.drain_ms == 202);
  CHECK(serving.max_connections == 303);
  CHECK(serving.history_connections == 5);
  CHECK(serving.access.key_files == std::vector<std::string>{"c"});
  CHECK(serving.desk);
  CHECK_FALSE(serving.open);
  CHECK(serving.limits.max_streams == 7);
  CHECK(serving.limits.connections_per_second == 2);
  CHECK(serving.wake == "poll");
  CHECK(serving.access.allowed_hosts == std::vector<std::string>{"one"});
  CHECK(serving.listen == "127.0.0.1:8080");
  CHECK(options.config.lines.at("heartbeat-ms") == 1);
  CHECK_FALSE(options.config.lines.contains("drain-ms"));
  CHECK_FALSE(options.config.lines.contains("max-connections"));
}

TEST_CASE("The environment can name the file, and can be left out", "[config_option]") {
  const File file("heartbeat-ms = 101\n");
  const EnvironmentVariable config("ORDERCAST_CONFIG", file.path().c_str());
  CHECK(parse({}).options().serving.heartbeat_ms == 101);
  const auto alone = serve_config({}, Environment::kIgnore);
  CHECK(alone.options().serving.heartbeat_ms == 15'000);
}

TEST_CASE("A list in the environment stands in brackets", "[config_option]") {
  const EnvironmentVariable keys("ORDERCAST_JWT_KEY", "[a.pem,b.pem]");
  CHECK(parse({}).options().serving.access.key_files == std::vector<std::string>{"a.pem", "b.pem"});
}

TEST_CASE("All that is wrong with a file is told at once, each with its line", "[config_option]") {
  const File file(
      "max_stream = 5\nheartbeat-ms = \"100\"\ndrain-ms = 700000\nlisten = [\"a:1\"]\n"
      "wake = \"never\"\ndesk = 1\nmax-streams = 1.5\njwt-algorithm = [\"HS256\", \"none\"]\n"
      "config = \"b.toml\"\n[limits]\nmax-streams = 1\n");
  std::vector<std::string> problems;
  try {
    static_cast<void>(parse({file.flag()}));
  } catch (const ConfigError& error) {
    problems = error.problems();
  }
  const std::vector<std::string> expected = {
      ":1: unknown key \"max_stream\"; the nearest is max-streams",
      ":2: heartbeat-ms: expected a whole number from 10 to 60000, not text",
      ":3: drain-ms: expected a whole number from 0 to 600000, not 700000",
      ":4: listen: expected text (HOST:PORT), not a list of text",
      ":5: wake: expected one of armed, notify, poll, not \"never\"",
      ":6: desk: expected true or false, not a whole number",
      ":7: max-streams: expected a whole number from 1 to 1000000, not a number with a fraction",
      ":8: jwt-algorithm: expected one of HS256, RS256, ES256, or a list of such, not [\"HS256\", "
      "\"none\"]",
      ":9: unknown key \"config\"; the nearest is open",
      ":10: unknown key \"limits\"; the nearest is listen",
  };
  REQUIRE(problems.size() == expected.size());
  for (std::size_t i = 0; i < expected.size(); ++i) {
    if (i == 8) {
      CHECK_THAT(problems[i], Contains(":9: unknown key \"config\""));
    } else {
      CHECK(problems[i] == file.path() + expected[i]);
    }
  }
}

TEST_CASE("A key of a wrong type is wrong also where a flag wins", "[config_option]") {
  const File file("heartbeat-ms = true\n");
  CHECK_THROWS_AS(parse({file.flag(), "--heartbeat-ms=100"}), ConfigError);
}

TEST_CASE("A secret is in no message about the file", "[config_option]") {
  const File file("database = [\"postgres://u:hunter2@h/db\"]\nmax-streams = \"hunter2\"\n");
  CHECK_THROWS_WITH(parse({file.flag()}), Contains("database") && !Contains("hunter2"));
}

TEST_CASE("Rules between options hold, wherever their values come from", "[config_option]") {
  const File file("database = \"host=/run\"\n");
  CHECK_THROWS_AS(parse({file.flag(), "--data-dir=/tmp/x"}), CLI::ExcludesError);
  const EnvironmentVariable dir("ORDERCAST_DATA_DIR", "/tmp/x");
  CHECK_THROWS_AS(parse({file.flag()}), CLI::ExcludesError);
}

TEST_CASE("A file that is not there is an error", "[config_option]") {
  CHECK_THROWS_AS(parse({"--config=/nowhere/a.toml"}), ConfigError);
}

TEST_CASE("Values are the same flags again", "[config_option]") {
  auto config = parse({"--listen=[::1]:0", "--jwt-key=a", "--jwt-key=b", "--desk",
                       "--connections-per-second=2.5", "--trusted-proxy=10.0.0.0/8,127.0.0.1"});
  auto again = serve_config(as_flags(config.values()), Environment::kIgnore);
  CHECK(again.values() == config.values());
  CHECK(again.options().serving.access.key_files == std::vector<std::string>{"a", "b"});
  CHECK(again.options().serving.limits.trusted_proxies.size() == 2);
}

}  // namespace
}  // namespace ordercast::app
