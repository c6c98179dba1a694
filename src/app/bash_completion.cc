// One function with two tables: what may follow an option that takes a value, and what may follow a
// command. It needs bash 4 alone, not the package bash-completion.
#include <fmt/format.h>
#include <fmt/ranges.h>

#include "app/completion.h"

namespace ordercast::app {
namespace {

// The case patterns 'token mint --key'|'token mint -k'.
std::string patterns(const CommandInfo& command, const OptionInfo& option) {
  std::vector<std::string> all;
  for (const auto& name : option.names) all.push_back(fmt::format("'{} {}'", command.name(), name));
  return fmt::format("{}", fmt::join(all, "|"));
}

std::string value_case(const CommandInfo& command, const OptionInfo& option) {
  std::string action;
  switch (value_kind(option)) {
    case ValueKind::kNone:
      return {};
    case ValueKind::kChoice:
      action = fmt::format("words='{}'", fmt::join(option.choices, " "));
      break;
    case ValueKind::kFile:
      action = "files=-f";
      break;
    case ValueKind::kFolder:
      action = "files=-d";
      break;
    case ValueKind::kOther:
      action = "return";  // nobody knows what it may be
      break;
  }
  return fmt::format("    {}) {} ;;\n", patterns(command, option), action);
}

std::string command_case(const CommandInfo& command) {
  std::vector<std::string> words;
  std::string files;
  for (const auto& child : command.commands) words.push_back(child.path.back());
  for (const auto& option : command.options) {
    if (!option.positional) {
      words.insert(words.end(), option.names.begin(), option.names.end());
    } else if (value_kind(option) == ValueKind::kFile) {
      files = " files=-f";
    } else {
      words.insert(words.end(), option.choices.begin(), option.choices.end());
    }
  }
  return fmt::format("    '{}') words='{}'{} ;;\n", command.name(), fmt::join(words, " "), files);
}

}  // namespace

std::string bash_completion(const CommandInfo& program) {
  std::vector<std::string> commands;
  std::string values;
  std::string words;
  for_each_command(program, [&](const CommandInfo& command) {
    if (!command.path.empty()) commands.push_back(fmt::format("'{}'", command.name()));
    for (const auto& option : command.options) {
      if (!option.positional) values += value_case(command, option);
    }
    words += command_case(command);
  });
  // `--wake=poll` reaches us as three words, for bash breaks lines at '='.
  return fmt::format(R"(# bash completion for ordercast; made by `ordercast completion bash`
_ordercast() {{
  local word=${{COMP_WORDS[COMP_CWORD]}} option=${{COMP_WORDS[COMP_CWORD - 1]}} path='' next i words='' files=''
  if [[ $word == = ]]; then
    word=''
  elif [[ $option == = ]]; then
    option=${{COMP_WORDS[COMP_CWORD - 2]}}
  fi
  for ((i = 1; i < COMP_CWORD; i++)); do
    next=${{path:+$path }}${{COMP_WORDS[i]}}
    case $next in
    {}) path=$next ;;
    esac
  done
  COMPREPLY=()
  case "$path $option" in
{}  esac
  [[ $words || $files ]] || case $path in
{}  esac
  mapfile -t COMPREPLY < <(compgen ${{files:+"$files"}} -W "$words" -- "$word")
  [[ ! $files ]] || compopt -o filenames 2>/dev/null
}}
complete -F _ordercast ordercast
)",
                     fmt::join(commands, "|"), values, words);
}

}  // namespace ordercast::app
