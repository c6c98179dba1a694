#include "app/command_config.h"

#include <fmt/format.h>

#include <algorithm>
#include <utility>

namespace ordercast::app {

ConfigValues values_of(CLI::App& command) {
  ConfigValues values;
  for (const auto& setting : Setting::all_of(command)) values[setting.key()] = setting.values();
  return values;
}

std::vector<std::string> as_flags(const ConfigValues& values) {
  std::vector<std::string> flags;
  for (const auto& [key, texts] : values) {
    for (const auto& text : texts) flags.push_back(fmt::format("--{}={}", key, text));
  }
  return flags;
}

CommandConfig::CommandConfig(std::unique_ptr<NodeCommand> options, std::vector<std::string> flags,
                             Environment environment)
    : options_(std::move(options)) {
  options_->add_to(app_);
  if (environment == Environment::kIgnore) {
    for (auto* option : app_.get_options()) option->envname("");
  }
  std::ranges::reverse(flags);  // CLI11 takes them from the end
  app_.parse(std::move(flags));
}

}  // namespace ordercast::app
