#include "app/config_listing.h"

#include <fmt/format.h>

#include <algorithm>
#include <string_view>
#include <utility>
#include <vector>

#include "app/setting.h"

namespace ordercast::app {
namespace {

constexpr std::size_t kColumns = 100;

using Group = std::pair<std::string, std::vector<Setting>>;

// In the order in which they are first used.
std::vector<Group> groups_of(CLI::App& command) {
  std::vector<Group> groups;
  for (const auto& setting : Setting::all_of(command)) {
    auto group = std::ranges::find(groups, setting.group(), &Group::first);
    if (group == groups.end()) group = groups.insert(group, {setting.group(), {}});
    group->second.push_back(setting);
  }
  return groups;
}

std::string source_of(const CLI::App& command, const Setting& setting, const ConfigOption& config) {
  const auto& flags = command.parse_order();
  if (std::ranges::find(flags, &setting.option()) != flags.end()) return "flag";
  if (const auto line = config.lines.find(setting.key()); line != config.lines.end())
    return fmt::format("file {}:{}", config.path, line->second);
  if (setting.option().count() > 0) return "environment " + setting.environment();
  return "default";
}

std::string wrapped(std::string_view text) {
  std::string lines;
  std::size_t column = kColumns;
  for (const auto& word : CLI::detail::split(std::string(text), ' ')) {
    if (column + 1 + word.size() > kColumns) {
      lines += lines.empty() ? "#" : "\n#";
      column = 1;
    }
    lines += ' ' + word;
    column += 1 + word.size();
  }
  return lines + '\n';
}

std::string cell(std::string text) {
  for (auto bar = text.find('|'); bar != text.npos; bar = text.find('|', bar + 2))
    text.insert(bar, "\\");
  return text;
}

std::string code(const std::string& text) {
  return text.empty() ? text : '`' + text + '`';
}

}  // namespace

std::string config_values(CLI::App& command, const ConfigOption& config, bool defaults) {
  std::string text;
  for (const auto& setting : Setting::all_of(command)) {
    const auto source = source_of(command, setting, config);
    if (source == "default" && !defaults) continue;
    const auto values = setting.values();
    const bool none = values.empty() && !setting.is_list();
    const auto value = none ? fmt::format("#{} =", setting.key())
                            : fmt::format("{} = {}", setting.key(), setting.toml(values));
    const auto words = none ? ": " + setting.default_in_words() : "";
    text += fmt::format("{:<40} # {}{}\n", value, source, words);
  }
  return text;
}

std::string config_markdown(CLI::App& command) {
  std::string text;
  for (const auto& [group, settings] : groups_of(command)) {
    text += fmt::format(
        "### {}\n\n| key | value | default | SIGHUP | what it is |\n|---|---|---|---|---|\n",
        group);
    for (const auto& setting : settings) {
      const auto value = setting.default_value();
      text += fmt::format("| `{}` | {} | {} | {} | {} |\n", setting.key(), cell(setting.expected()),
                          value.empty() ? cell(setting.default_in_words()) : code(value),
                          setting.can_reload() ? "yes" : "restart", cell(setting.help()));
    }
    text += '\n';
  }
  return text;
}

std::string config_example(CLI::App& command) {
  std::string text = wrapped(
      "The configuration of `ordercast serve --config FILE`, with every option at its "
      "default. A flag (--heartbeat-ms) or the environment (ORDERCAST_HEARTBEAT_MS) wins "
      "over what stands here. Check a file with `ordercast check-config FILE`.");
  for (const auto& [group, settings] : groups_of(command)) {
    text += fmt::format("\n### {}\n", group);
    for (const auto& setting : settings) {
      const auto value = setting.default_value();
      text += '\n' + wrapped(setting.help());
      text += wrapped(fmt::format("Takes {}.{}", setting.expected(),
                                  setting.can_reload() ? " SIGHUP changes it." : ""));
      if (value.empty()) text += wrapped("Default: " + setting.default_in_words() + '.');
      text += fmt::format(
          "#{} ={}\n", setting.key(),
          value.empty() && !setting.is_list() ? "" : ' ' + setting.toml(setting.values()));
    }
  }
  return text;
}

}  // namespace ordercast::app
