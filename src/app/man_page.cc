#include "app/man_page.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <set>

namespace ordercast::app {
namespace {

// Text of roff: a backslash and a hyphen have other meanings there, and so has a dot or a quote
// that begins a line.
std::string escaped(std::string_view text) {
  std::string out;
  if (text.starts_with('.') || text.starts_with('\'')) out += "\\&";
  for (const char c : text) {
    if (c == '\\') {
      out += "\\e";
    } else if (c == '-') {
      out += "\\-";
    } else {
      out += c;
    }
  }
  return out;
}

std::string bold(std::string_view text) {
  return fmt::format("\\fB{}\\fR", escaped(text));
}

std::string italic(std::string_view text) {
  return fmt::format("\\fI{}\\fR", escaped(text));
}

void append_option(std::string& out, const OptionInfo& option) {
  std::vector<std::string> names;
  for (const auto& name : option.names)
    names.push_back(option.positional ? italic(name) : bold(name));
  out += fmt::format(".TP\n{}", fmt::join(names, ", "));
  if (!option.positional && !option.value.empty()) out += " " + italic(option.value);
  if (option.repeatable) out += " ...";
  out += "\n" + escaped(option.description) + "\n";
  std::vector<std::string> more;
  if (!option.choices.empty()) {
    more.push_back(escaped(fmt::format("one of {}", fmt::join(option.choices, ", "))));
  }
  if (!option.preset.empty()) more.push_back("default " + escaped(option.preset));
  if (!option.environment.empty()) more.push_back(bold(option.environment));
  if (option.required) more.emplace_back("required");
  if (!more.empty()) out += fmt::format("({})\n", fmt::join(more, "; "));
}

void append_command(std::string& out, const CommandInfo& command) {
  if (command.path.empty() || !command.commands.empty()) return;
  out += fmt::format(".SS {}\n{}.\n", escaped("ordercast " + command.name()),
                     escaped(command.description));
  for (const auto& option : command.options) append_option(out, option);
}

}  // namespace

std::string man_page(const CommandInfo& program, std::string_view version) {
  std::string out = fmt::format(
      ".\\\" Made by `ordercast man`\n"
      ".TH ORDERCAST 1 \"\" \"ordercast {}\" \"User Commands\"\n"
      ".SH NAME\nordercast \\- {}\n"
      ".SH SYNOPSIS\n.B ordercast\n.I COMMAND\n[\\fIOPTIONS\\fR]\n"
      ".SH OPTIONS\n",
      version, "streams the changes of PostgreSQL tables as Server\\-Sent Events");
  for (const auto& option : program.options) append_option(out, option);
  out += ".SH COMMANDS\n";
  std::set<std::string> variables;
  for_each_command(program, [&](const CommandInfo& command) {
    append_command(out, command);
    for (const auto& option : command.options) variables.insert(option.environment);
  });
  variables.erase("");
  out += ".SH ENVIRONMENT\nAn option that is not on the command line is taken from its variable:\n";
  out += escaped(fmt::format("{}.\n", fmt::join(variables, ", ")));
  out +=
      ".SH EXIT STATUS\n.TP\n0\nIt has done what was asked.\n.TP\n1\nIt could not; the last line "
      "on standard error "
      "says why.\n.TP\n100 to 127\nThe command line was not understood.\n";
  return out;
}

}  // namespace ordercast::app
