#include "app/command_tree.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <utility>

#include "app/option_type.h"

namespace ordercast::app {
namespace {

OptionInfo describe(const CLI::Option& option) {
  OptionInfo info;
  info.positional = option.get_positional();
  if (info.positional) {
    info.names.push_back(option.get_name(true));
  } else {
    for (const auto& name : option.get_snames()) info.names.push_back("-" + name);
    for (const auto& name : option.get_lnames()) info.names.push_back("--" + name);
  }
  if (option.get_items_expected_max() > 0) {
    auto type = OptionType::of(option);
    info.value = type.name.empty() ? "VALUE" : std::move(type.name);
    info.choices = std::move(type.choices);
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
