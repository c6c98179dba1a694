// The configuration that a serving process runs with, and what of its file it can take over while
// it runs. Confined to the main thread.
#pragma once

#include <CLI/CLI.hpp>
#include <functional>
#include <string>
#include <vector>

#include "app/serve_config.h"

namespace ordercast::app {

class RunningConfig {
 public:
  // `command`: serve's, as it was parsed.
  explicit RunningConfig(CLI::App& command);

  // Reads the file again, and gives `apply` the options as they are to be from now on: those that
  // are reloadable() as the file has them, all others as they were at the start. The log says what
  // has changed, and what would take a restart. When something is wrong with the file, or `apply`
  // throws, the log says what, and all stays as it was.
  void reload(const std::function<void(const ServeOptions&)>& apply);

 private:
  void take(ServeConfig& wanted, const std::function<void(const ServeOptions&)>& apply);

  std::vector<std::string> flags_;  // that were on the command line
  ConfigValues values_;             // that are in effect
};

}  // namespace ordercast::app
