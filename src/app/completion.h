// What a shell completes behind `ordercast`: commands, options, and the values of those options
// that take one of a list or a file. Pure functions of the command line's description; the text is
// a script for that shell and holds nothing of this machine.
#pragma once

#include <string>

#include "app/command_tree.h"

namespace ordercast::app {

[[nodiscard]] std::string bash_completion(const CommandInfo& program);
[[nodiscard]] std::string zsh_completion(const CommandInfo& program);
[[nodiscard]] std::string fish_completion(const CommandInfo& program);

// How an option's value is completed, by the word that the help has for it.
enum class ValueKind { kNone, kChoice, kFile, kFolder, kOther };
[[nodiscard]] ValueKind value_kind(const OptionInfo& option);

}  // namespace ordercast::app
