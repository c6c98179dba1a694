// A function for each command, which leaves the work to zsh's _arguments (zshcompsys, "Utility
// Functions"); one with commands below it hands over to theirs.
#include <fmt/format.h>
#include <fmt/ranges.h>

#include "app/completion.h"

namespace ordercast::app {
namespace {

// Inside '…' and [ ] of _arguments, where : ends a field as well.
std::string escaped(const std::string& text) {
  std::string out;
  for (const char c : text) {
    if (c == '\'') {
      out += "'\\''";
      continue;
    }
    if (c == '[' || c == ']' || c == ':' || c == '\\') out += '\\';
    out += c;
  }
  return out;
}

std::string function_of(const CommandInfo& command) {
  return command.path.empty() ? "_ordercast"
                              : fmt::format("_ordercast_{}", fmt::join(command.path, "_"));
}

std::string value_of(const OptionInfo& option) {
  const auto message = ":" + escaped(option.value) + ":";
  switch (value_kind(option)) {
    case ValueKind::kNone:
      return {};
    case ValueKind::kChoice:
      return fmt::format("{}({})", message, fmt::join(option.choices, " "));
    case ValueKind::kFile:
      return message + "_files";
    case ValueKind::kFolder:
      return message + "_files -/";
    case ValueKind::kOther:
      return message + " ";
  }
  return {};
}

std::string argument_of(const OptionInfo& option) {
  if (option.positional) {
    return fmt::format(" \\\n    '{}{}'", option.repeatable ? "*" : "", value_of(option));
  }
  std::string out;
  // Those of one option exclude each other, unless it may be given several times.
  const auto others =
      option.repeatable ? std::string("*") : fmt::format("({})", fmt::join(option.names, " "));
  for (const auto& name : option.names) {
    out += fmt::format(" \\\n    '{}{}[{}]{}'", others, name, escaped(option.description),
                       value_of(option));
  }
  return out;
}

void append_function(std::string& out, const CommandInfo& command) {
  std::string body = "  _arguments -C";
  for (const auto& option : command.options) body += argument_of(option);
  if (command.commands.empty()) {
    out += fmt::format("{}() {{\n{}\n}}\n\n", function_of(command), body);
    return;
  }
  std::string described;
  std::string handed_over;
  for (const auto& child : command.commands) {
    described += fmt::format(" '{}:{}'", child.path.back(), escaped(child.description));
    handed_over += fmt::format("      {}) {} ;;\n", child.path.back(), function_of(child));
  }
  out += fmt::format(R"({}() {{
  local state line
  local -a commands
  commands=({})
{} \
    '1:command:->command' \
    '*::argument:->rest'
  case $state in
    command) _describe command commands ;;
    rest)
      case $line[1] in
{}      esac
      ;;
  esac
}}

)",
                     function_of(command), described, body, handed_over);
}

}  // namespace

std::string zsh_completion(const CommandInfo& program) {
  std::string out =
      "#compdef ordercast\n# zsh completion for ordercast; made by `ordercast completion zsh`\n\n";
  for_each_command(program, [&](const CommandInfo& command) { append_function(out, command); });
  // As a file in $fpath it is the function's body; sourced, it registers itself.
  return out +
         "if [[ ${funcstack[1]} == _ordercast ]]; then\n  _ordercast \"$@\"\nelse\n  compdef "
         "_ordercast ordercast\nfi\n";
}

}  // namespace ordercast::app
