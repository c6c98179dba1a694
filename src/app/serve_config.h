// What `serve` would do with such flags, file and environment: its options, parsed apart from the
// command line. For check-config and for SIGHUP. Confined to the main thread.
#pragma once

#include <CLI/CLI.hpp>
#include <map>
#include <string>
#include <vector>

#include "app/serve_options.h"
#include "app/setting.h"

namespace ordercast::app {

// The values of all settings of a command, by key; defaults included.
using ConfigValues = std::map<std::string, std::vector<std::string>>;
[[nodiscard]] ConfigValues values_of(CLI::App& command);
// Flags that mean the same.
[[nodiscard]] std::vector<std::string> as_flags(const ConfigValues& values);

class ServeConfig {
 public:
  enum class Environment { kRead, kIgnore };

  // Throws CLI::ParseError and ConfigError.
  ServeConfig(std::vector<std::string> flags, Environment environment);
  ServeConfig(const ServeConfig&) = delete;
  ServeConfig& operator=(const ServeConfig&) = delete;

  [[nodiscard]] const ServeOptions& options() const { return options_; }
  [[nodiscard]] std::vector<Setting> settings() { return Setting::all_of(app_); }
  [[nodiscard]] ConfigValues values() { return values_of(app_); }

 private:
  ServeOptions options_;
  CLI::App app_;
};

}  // namespace ordercast::app
