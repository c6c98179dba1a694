// --log-format and --log-level, and the loggers that they make.
#pragma once

#include <CLI/CLI.hpp>
#include <memory>
#include <string>

#include "app/log_sink.h"

namespace ordercast::app {

struct LogOptions {
  std::string format = "auto";
  std::string level = "info";

  void add_to(CLI::App& command);
  // From now on what the process logs, through spdlog's default logger and the access log's, goes
  // to stderr in this form. Before any thread is started.
  [[nodiscard]] std::shared_ptr<const LogSink> start() const;
  // Of loggers that start() made: from now on they write what is of this level.
  void set_level() const;
};

}  // namespace ordercast::app
