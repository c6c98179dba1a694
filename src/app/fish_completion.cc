// One `complete` a command and option. A command's own condition is that all of its path was seen,
// and none of the commands below it.
#include <fmt/format.h>
#include <fmt/ranges.h>

#include "app/completion.h"

namespace ordercast::app {
namespace {

// Inside '…'.
std::string escaped(const std::string& text) {
  std::string out;
  for (const char c : text) {
    if (c == '\'' || c == '\\') out += '\\';
    out += c;
  }
  return out;
}

std::string condition_of(const CommandInfo& command) {
  std::vector<std::string> terms;
  if (command.path.empty()) terms.emplace_back("__fish_use_subcommand");
  for (const auto& each : command.path) {
    terms.push_back("__fish_seen_subcommand_from " + each);
  }
  if (!command.path.empty() && !command.commands.empty()) {
    std::vector<std::string> below;
    for (const auto& child : command.commands) below.push_back(child.path.back());
    terms.push_back(fmt::format("not __fish_seen_subcommand_from {}", fmt::join(below, " ")));
  }
  return fmt::format("{}", fmt::join(terms, "; and "));
}

std::string value_of(const OptionInfo& option) {
  switch (value_kind(option)) {
    case ValueKind::kNone:
      return {};
    case ValueKind::kChoice:
      return fmt::format(" -x -a '{}'", fmt::join(option.choices, " "));
    case ValueKind::kFile:
      return " -r -F";
    case ValueKind::kFolder:
      return " -x -a '(__fish_complete_directories)'";
    case ValueKind::kOther:
      return " -x";
  }
  return {};
}

std::string names_of(const OptionInfo& option) {
  std::string out;
  for (const auto& name : option.names) {
    out += name.starts_with("--") ? " -l " + name.substr(2) : " -s " + name.substr(1);
  }
  return out;
}

void append_command(std::string& out, const CommandInfo& command) {
  const auto begin = fmt::format("complete -c ordercast -n '{}'", condition_of(command));
  for (const auto& child : command.commands) {
    out += fmt::format("{} -a {} -d '{}'\n", begin, child.path.back(), escaped(child.description));
  }
  for (const auto& option : command.options) {
    if (!option.positional) {
      out += fmt::format("{}{}{} -d '{}'\n", begin, names_of(option), value_of(option),
                         escaped(option.description));
    } else if (!option.choices.empty()) {
      out += fmt::format("{} -a '{}'\n", begin, fmt::join(option.choices, " "));
    } else if (value_kind(option) == ValueKind::kFile) {
      out += begin + " -F\n";
    }
  }
}

}  // namespace

std::string fish_completion(const CommandInfo& program) {
  std::string out =
      "# fish completion for ordercast; made by `ordercast completion fish`\n"
      "complete -c ordercast -f\n";
  for_each_command(program, [&](const CommandInfo& command) { append_command(out, command); });
  return out;
}

}  // namespace ordercast::app
