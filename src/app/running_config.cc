#include "app/running_config.h"

#include <fmt/format.h>
#include <spdlog/spdlog.h>

#include <set>
#include <utility>

#include "app/config_error.h"

namespace ordercast::app {
namespace {

std::vector<std::string> flags_of(const CLI::App& command) {
  std::vector<std::string> flags;
  const auto& given = command.parse_order();  // an option as often as it was given
  for (const auto* option : std::set<const CLI::Option*>(given.begin(), given.end())) {
    for (const auto& value : option->results())
      flags.push_back(fmt::format("--{}={}", option->get_lnames().front(), value));
  }
  return flags;
}

}  // namespace

RunningConfig::RunningConfig(CLI::App& command, Blank blank)
    : blank_(std::move(blank)), flags_(flags_of(command)), values_(values_of(command)) {}

void RunningConfig::reload(const Apply& apply) {
  try {
    CommandConfig wanted(blank_(), flags_, CommandConfig::Environment::kRead);
    static_cast<void>(wanted.options().node_options());
    take(wanted, apply);
  } catch (const ConfigError& error) {
    for (const auto& problem : error.problems()) spdlog::error("configuration: {}", problem);
    spdlog::error("configuration: nothing of it is taken; what there was stays");
  } catch (const std::exception& error) {
    spdlog::error("configuration: {}; nothing of it is taken, what there was stays", error.what());
  }
}

void RunningConfig::take(CommandConfig& wanted, const Apply& apply) {
  auto next = values_;
  std::vector<std::string> changed;
  std::vector<std::string> too_late;
  for (const auto& setting : wanted.settings()) {
    auto& value = next[setting.key()];
    if (setting.values() == value) continue;
    const auto change = fmt::format("{} = {}, was {}", setting.key(),
                                    setting.toml(setting.values()), setting.toml(value));
    if (!setting.can_reload()) {
      too_late.push_back(change);
      continue;
    }
    value = setting.values();
    changed.push_back(change);
  }
  const CommandConfig effective(blank_(), as_flags(next), CommandConfig::Environment::kIgnore);
  apply(effective.options());
  values_ = std::move(next);
  spdlog::info("configuration: read again, {} changed", changed.size());
  for (const auto& change : changed) spdlog::info("configuration: {}", change);
  for (const auto& change : too_late) spdlog::warn("configuration: {}: needs a restart", change);
}

}  // namespace ordercast::app
