// --config FILE: values for the other options of a command, for those that neither a flag nor the
// environment sets. So a value comes from the first of: flag, environment, file, default; a list is
// taken from one of them as a whole.
//
// Everything wrong with the file is a ConfigError that lists all of it: unknown keys with the
// nearest name, values of a wrong type or out of range with what was expected. Rules between
// options (needs, excludes) are CLI11's, and hold wherever their values come from.
//
// A command that has some options of another one may be given that one's file: it takes what it
// has, and leaves the others' values unread.
//
// Confined to the main thread; outlives its command, and stays where it is.
#pragma once

#include <CLI/CLI.hpp>
#include <cstddef>
#include <map>
#include <string>
#include <vector>

#include "app/config_file.h"

namespace ordercast::app {

struct ConfigOption {
  std::string path;                          // empty: no file
  std::map<std::string, std::size_t> lines;  // of the keys whose values are in effect

  // `command`: with all its options, so this one is added last. The file is read while the command
  // line is parsed. `others`: keys that are no options of this command, and no mistakes.
  CLI::Option* add_to(CLI::App& command, std::vector<std::string> others = {});

 private:
  void apply(CLI::App& command, const std::vector<std::string>& others);
};

}  // namespace ordercast::app
