#include "app/config_option.h"

#include <fmt/format.h>

#include <algorithm>
#include <optional>
#include <utility>
#include <vector>

#include "app/config_error.h"
#include "app/nearest_name.h"
#include "app/setting.h"

namespace ordercast::app {
namespace {

std::string_view name_of(ConfigEntry::Kind kind) {
  switch (kind) {
    case ConfigEntry::Kind::kText:
      return "text";
    case ConfigEntry::Kind::kInteger:
      return "a whole number";
    case ConfigEntry::Kind::kNumber:
      return "a number with a fraction";
    case ConfigEntry::Kind::kBoolean:
      return "true or false";
    case ConfigEntry::Kind::kOther:
      break;
  }
  return "a table, a date or a mixed list";
}

std::string unknown(const std::string& key, const std::vector<Setting>& settings,
                    std::vector<std::string> names) {
  for (const auto& setting : settings) names.push_back(setting.key());
  return fmt::format("unknown key {}; the nearest is {}", toml_quoted(key),
                     nearest_name(key, names));
}

// Gives the option what the file says; what is wrong with it, if anything.
std::optional<std::string> give(const ConfigEntry& entry, const Setting& setting) {
  if (!setting.takes(entry.kind) || (entry.list && !setting.is_list())) {
    return fmt::format("{}: expected {}, not {}{}", entry.key, setting.expected(),
                       entry.list && !setting.is_list() ? "a list of " : "", name_of(entry.kind));
  }
  auto& option = setting.option();
  if (option.count() > 0) return std::nullopt;  // a flag or the environment has spoken
  try {
    for (const auto& value : entry.values) option.add_result(value);
    if (option.count() > 0) option.run_callback();
  } catch (const CLI::ParseError&) {
    // It names a flag that nobody wrote, and may quote a secret.
    return fmt::format("{}: expected {}, not {}", entry.key, setting.expected(),
                       setting.toml(entry.values));
  }
  return std::nullopt;
}

}  // namespace

CLI::Option* ConfigOption::add_to(CLI::App& command, std::vector<std::string> others) {
  return command
      .add_option_function<std::string>(
          "--config",
          [this, &command, others = std::move(others)](const std::string& value) {
            // The environment is read for all commands, and not each understands this one's file.
            if (!command.parsed()) return;
            path = value;
            apply(command, others);
          },
          "a file with values for these options, for those that neither a flag nor the environment "
          "sets; read again on SIGHUP")
      ->type_name("FILE")
      ->envname("ORDERCAST_CONFIG")
      ->configurable(false);
}

void ConfigOption::apply(CLI::App& command, const std::vector<std::string>& others) {
  const auto file = ConfigFile::read(path);
  const auto settings = Setting::all_of(command);
  std::vector<std::string> problems;
  for (const auto& entry : file.entries) {
    const auto setting = std::ranges::find(settings, entry.key, &Setting::key);
    if (setting == settings.end() && std::ranges::find(others, entry.key) != others.end()) continue;
    const bool silent = setting != settings.end() && setting->option().count() == 0;
    const auto problem =
        setting == settings.end() ? unknown(entry.key, settings, others) : give(entry, *setting);
    if (problem) problems.push_back(fmt::format("{}:{}: {}", path, entry.line, *problem));
    if (silent) lines[entry.key] = entry.line;
  }
  if (!problems.empty()) throw ConfigError(problems);
}

}  // namespace ordercast::app
