#include "app/log_options.h"

#include <spdlog/spdlog.h>
#include <unistd.h>

#include <vector>

#include "app/log_formatter.h"
#include "app/setting.h"
#include "http/access_line.h"

namespace ordercast::app {
namespace {

const std::vector<std::string> kFormats{"auto", "text", "json"};
const std::vector<std::string> kLevels{"debug", "info", "warning", "error"};

LogFormat format_of(const std::string& name) {
  const bool person = name == "auto" && ::isatty(STDERR_FILENO) == 1;
  return person || name == "text" ? LogFormat::kText : LogFormat::kJson;
}

}  // namespace

void LogOptions::add_to(CLI::App& command) {
  command
      .add_option("--log-format", format,
                  "of the log on stderr; auto: text on a terminal, else json")
      ->check(CLI::IsMember(kFormats))
      ->envname("ORDERCAST_LOG_FORMAT")
      ->capture_default_str();
  command.add_option("--log-level", level, "debug also tells of each request")
      ->check(CLI::IsMember(kLevels))
      ->check(reloadable())
      ->envname("ORDERCAST_LOG_LEVEL")
      ->capture_default_str();
}

std::shared_ptr<const LogSink> LogOptions::start() const {
  const auto sink = std::make_shared<LogSink>(STDERR_FILENO);
  sink->set_formatter(std::make_unique<LogFormatter>(format_of(format)));
  spdlog::register_logger(std::make_shared<spdlog::logger>(http::kAccessLogger, sink));
  spdlog::set_default_logger(std::make_shared<spdlog::logger>("ordercast", sink));
  set_level();
  return sink;
}

void LogOptions::set_level() const {
  spdlog::set_level(spdlog::level::from_str(level));
}

}  // namespace ordercast::app
