#include "app/running_config.h"

#include <spdlog/sinks/ostream_sink.h>
#include <spdlog/spdlog.h>

#include <catch2/catch.hpp>
#include <fstream>
#include <sstream>
#include <stdexcept>

#include "app/serve_options.h"
#include "support/temp_dir.h"

namespace ordercast::app {
namespace {

using Catch::Contains;

// A serve that has been started with a file.
class Started {
 public:
  explicit Started(const std::string& text) : path_(dir_.path() / "a.toml") {
    write(text);
    options_.add_to(app_);
    app_.parse("--drain-ms 5 --config " + path_, false);
    running_.emplace(app_, [] { return std::make_unique<ServeOptions>(); });
  }
  ~Started() { spdlog::set_default_logger(previous_); }
  Started(const Started&) = delete;
  Started& operator=(const Started&) = delete;

  void write(const std::string& text) const { std::ofstream(path_) << text; }
  // What was applied; none when nothing was.
  std::optional<ServingOptions> reload(bool fail = false) {
    log_.str({});
    spdlog::set_default_logger(std::make_shared<spdlog::logger>(
        "test", std::make_shared<spdlog::sinks::ostream_sink_mt>(log_)));
    std::optional<ServingOptions> applied;
    running_->reload([&](const NodeCommand& options) {
      if (fail) throw std::runtime_error("no");
      applied = options.serving;
    });
    return applied;
  }
  [[nodiscard]] std::string log() const { return log_.str(); }
  [[nodiscard]] const std::string& path() const { return path_; }

 private:
  const std::shared_ptr<spdlog::logger> previous_ = spdlog::default_logger();
  testing::TempDir dir_;
  const std::string path_;
  ServeOptions options_;
  CLI::App app_;
  std::optional<RunningConfig> running_;
  std::ostringstream log_;
};

TEST_CASE("What can change does, what cannot is named, and flags still win", "[running_config]") {
  Started serve("max-streams = 1\nheartbeat-ms = 100\n");
  serve.write("max-streams = 2\nheartbeat-ms = 200\ndrain-ms = 9\nlog-level = \"debug\"\n");
  const auto applied = serve.reload();
  REQUIRE(applied);
  CHECK(applied->limits.max_streams == 2);
  CHECK(applied->log.level == "debug");
  CHECK(applied->heartbeat_ms == 100);
  CHECK(applied->drain_ms == 5);
  CHECK_THAT(serve.log(), Contains("max-streams = 2, was 1") &&
                              Contains("log-level = \"debug\", was \"info\"") &&
                              Contains("heartbeat-ms = 200, was 100: needs a restart") &&
                              !Contains("drain-ms"));

  // Again: named as long as it differs, but nothing changes.
  REQUIRE(serve.reload());
  CHECK_THAT(serve.log(), Contains("0 changed") && Contains("heartbeat-ms = 200, was 100") &&
                              !Contains("max-streams"));
}

TEST_CASE("A key that is taken out of the file is at its default again", "[running_config]") {
  Started serve("max-streams = 1\nmax-streams-per-tenant = 3\n");
  serve.write("");
  const auto applied = serve.reload();
  REQUIRE(applied);
  CHECK_FALSE(applied->limits.max_streams);
  CHECK(applied->limits.max_streams_per_tenant == 200);
  CHECK_THAT(serve.log(), Contains("2 changed") && Contains("max-streams-per-tenant = 200, was 3"));
}

TEST_CASE("Of a file with anything wrong nothing is taken", "[running_config]") {
  Started serve("max-streams = 1\n");
  const auto [text, said] = GENERATE(table<std::string, std::string>({
      {"max-streams = 2\nmax-stream = 3\n", ":2: unknown key \"max-stream\""},
      {"max-streams = 2\nlog-level = \"loud\"\n", ":2: log-level: expected one of debug"},
      {"max-streams = 2\nlisten\n", ":2: "},
      {"max-streams = 2\nlisten = \"0.0.0.0:80\"\n", "--open"},
      {"max-streams = 2\ndatabase = \"host=a\"\ndata-dir = \"b\"\n", "data-dir"},
  }));
  serve.write(text);
  CHECK_FALSE(serve.reload());
  CHECK_THAT(serve.log(),
             Contains(said) && Contains("[error]") && Contains("what there was stays"));
  // Compared with what runs, not with what was wrong.
  serve.write("max-streams = 2\n");
  CHECK(serve.reload()->limits.max_streams == 2);
}

TEST_CASE("What could not be applied is tried again", "[running_config]") {
  Started serve("max-streams = 1\n");
  serve.write("max-streams = 2\n");
  CHECK_FALSE(serve.reload(true));
  CHECK(serve.reload());
  CHECK_THAT(serve.log(), Contains("max-streams = 2, was 1"));
}

TEST_CASE("A secret that has changed is not told", "[running_config]") {
  Started serve("database = \"host=/run password=hunter2\"\n");
  serve.write("database = \"host=/run password=hunter3\"\n");
  CHECK(serve.reload());
  CHECK_THAT(serve.log(), Contains("database = \"password=*** host=/run\"") && !Contains("hunter"));
}

}  // namespace
}  // namespace ordercast::app
