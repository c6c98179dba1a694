#include "app/misspelling.h"

#include <vector>

#include "app/nearest_name.h"

namespace ordercast::app {
namespace {

std::vector<std::string> options_of(const CLI::App& command) {
  std::vector<std::string> names;
  for (const auto* option : command.get_options()) {
    for (const auto& name : option->get_lnames()) names.push_back("--" + name);
  }
  return names;
}

std::vector<std::string> verbs_of(const CLI::App& command) {
  std::vector<std::string> names;
  const auto any = [](const CLI::App*) { return true; };  // else of those that were given
  for (const auto* verb : command.get_subcommands(any)) names.push_back(verb->get_name());
  return names;
}

}  // namespace

std::optional<std::string> nearest_word(const CLI::App& app) {
  const auto words = app.remaining(true);
  if (words.empty()) return std::nullopt;
  const CLI::App* command = &app;
  while (!command->get_subcommands().empty()) command = command->get_subcommands().back();
  const auto word = words.front().substr(0, words.front().find('='));
  const auto names = word.starts_with('-') ? options_of(*command) : verbs_of(*command);
  if (names.empty()) return std::nullopt;
  return nearest_name(word, names);
}

}  // namespace ordercast::app
