// The command line as data: every command with its options, as completions and the man page print
// it. Made from the parser itself, so neither can miss or invent one. Values.
#pragma once

#include <CLI/CLI.hpp>
#include <string>
#include <vector>

namespace ordercast::app {

struct OptionInfo {
  std::vector<std::string> names;    // "-h", "--help"; of a positional only its name, "TEXT"
  std::string value;                 // what it takes, "FILE"; empty of a flag
  std::vector<std::string> choices;  // the only values that it takes; empty: any
  std::string description;
  std::string environment;  // the variable that sets it, too
  std::string preset;       // its value when it is not given
  bool positional = false;
  bool repeatable = false;
  bool required = false;
};

struct CommandInfo {
  std::vector<std::string> path;  // {"token", "mint"}; empty of the program itself
  std::string description;
  std::vector<OptionInfo> options;  // positionals as well
  std::vector<CommandInfo> commands;

  // "token mint"
  [[nodiscard]] std::string name() const;
};

// Without what the help hides (an empty group).
[[nodiscard]] CommandInfo describe_commands(const CLI::App& app);

// Calls `visit(const CommandInfo&)` for `command` and all below it, parents first.
template <typename Visit>
void for_each_command(const CommandInfo& command, const Visit& visit) {
  visit(command);
  for (const auto& child : command.commands) for_each_command(child, visit);
}

}  // namespace ordercast::app
