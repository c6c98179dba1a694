// The configuration that a serving process runs with, and what of its file it can take over while
// it runs. Confined to the main thread.
#pragma once

#include <CLI/CLI.hpp>
#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "app/command_config.h"

namespace ordercast::app {

class RunningConfig {
 public:
  // The options of the same verb, without values.
  using Blank = std::function<std::unique_ptr<NodeCommand>()>;
  // `command`: as it was parsed.
  RunningConfig(CLI::App& command, Blank blank);

  // Reads the file again, and gives `apply` the options as they are to be from now on: those that
  // are reloadable() as the file has them, all others as they were at the start. The log says what
  // has changed, and what would take a restart. When something is wrong with the file, or `apply`
  // throws, the log says what, and all stays as it was.
  using Apply = std::function<void(const NodeCommand&)>;
  void reload(const Apply& apply);

 private:
  void take(CommandConfig& wanted, const Apply& apply);

  Blank blank_;
  std::vector<std::string> flags_;  // that were on the command line
  ConfigValues values_;             // that are in effect
};

}  // namespace ordercast::app
