#include "app/command_tree.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <sstream>
#include <string_view>
#include <utility>

namespace ordercast::app {
namespace {

// CLI11 keeps the list of CLI::IsMember only in the type's text: "TEXT:{notify,poll}".
std::vector<std::string> choices_of(std::string_view type) {
  const auto open = type.find('{');
  if (open == type.npos || type.back() != '}') return {};
  std::istringstream list{std::string(type.substr(open + 1, type.size() - open - 2))};
  std::vector<std::string> choices;
  // A list of names and what they stand for, "{s->1}", is of names.
  for (std::string one; std::getline(list, one, ',');)
    choices.push_back(one.substr(0, one.find("->")));
  return choices;
}

// "INT:INT in [1 - 9]" without the validator's part; "HOST:PORT" has none.
std::string value_of(const std::string& type) {
  const auto colon = type.find(':');
  const bool validated = type.find_first_of("{[(", colon == type.npos ? 0 : colon) != type.npos;
  return validated ? type.substr(0, colon) : type;
}

OptionInfo describe(const CLI::Option& option) {
  OptionInfo info;
  info.positional = option.get_positional();
  if (info.positional) {
    info.names.push_back(option.get_name(true));
  } else {
    for (const auto& name : option.get_snames()) info.names.push_back("-" + name);
    for (const auto& name : option.get_lnames()) info.names.push_back("--" + name);
  }
  const auto type = option.get_type_name();
  if (option.get_items_expected_max() > 0) {
    info.value = type.empty() ? "VALUE" : value_of(type);
    info.choices = choices_of(type);
  }
  info.description = option.get_description();
  info.environment = option.get_envname();
  info.preset = option.get_default_str();
  info.repeatable = option.get_items_expected_max() > 1;
  info.required = option.get_required();
  return info;
}

CommandInfo describe(const CLI::App& app, std::vector<std::string> path) {
  CommandInfo info{
      .path = std::move(path), .description = app.get_description(), .options = {}, .commands = {}};
  for (const auto* option : app.get_options()) {
    if (!option->get_group().empty()) info.options.push_back(describe(*option));
  }
  // Taken as const, the list is of all subcommands; else it would be of those that were parsed.
  const auto shown = [](const CLI::App* each) { return !each->get_group().empty(); };
  for (const auto* command : app.get_subcommands(shown)) {
    auto below = info.path;
    below.push_back(command->get_name());
    info.commands.push_back(describe(*command, std::move(below)));
  }
  return info;
}

}  // namespace

std::string CommandInfo::name() const {
  return fmt::format("{}", fmt::join(path, " "));
}

CommandInfo describe_commands(const CLI::App& app) {
  return describe(app, {});
}

}  // namespace ordercast::app
