// What a verb that runs a node would do with such flags, file and environment: its options, parsed
// apart from the command line. For check-config and for SIGHUP. Confined to the main thread.
#pragma once

#include <CLI/CLI.hpp>
#include <map>
#include <memory>
#include <string>
#include <vector>

#include "app/node_command.h"
#include "app/setting.h"

namespace ordercast::app {

// The values of all settings of a command, by key; defaults included.
using ConfigValues = std::map<std::string, std::vector<std::string>>;
[[nodiscard]] ConfigValues values_of(CLI::App& command);
// Flags that mean the same.
[[nodiscard]] std::vector<std::string> as_flags(const ConfigValues& values);

class CommandConfig {
 public:
  enum class Environment { kRead, kIgnore };

  // `options`: without values. Throws CLI::ParseError and ConfigError.
  CommandConfig(std::unique_ptr<NodeCommand> options, std::vector<std::string> flags,
                Environment environment);
  CommandConfig(const CommandConfig&) = delete;
  CommandConfig& operator=(const CommandConfig&) = delete;

  [[nodiscard]] const NodeCommand& options() const { return *options_; }
  [[nodiscard]] std::vector<Setting> settings() { return Setting::all_of(app_); }
  [[nodiscard]] ConfigValues values() { return values_of(app_); }

 private:
  const std::unique_ptr<NodeCommand> options_;
  CLI::App app_;
};

}  // namespace ordercast::app
