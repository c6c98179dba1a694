// The settings of a command as text: what they are set to and by whom, the table of the
// documentation, an example of a file. Free functions.
#pragma once

#include <CLI/CLI.hpp>
#include <string>

#include "app/config_option.h"

namespace ordercast::app {

// A line for each setting that was given a value, in TOML, and where from in a comment behind it;
// `defaults`: for the others, too. Secrets are not shown. `command` has been parsed.
[[nodiscard]] std::string config_values(CLI::App& command, const ConfigOption& config,
                                        bool defaults);

// A table in Markdown for each group of settings.
[[nodiscard]] std::string config_markdown(CLI::App& command);

// A file with all settings and what they are for, each commented out at its default.
[[nodiscard]] std::string config_example(CLI::App& command);

}  // namespace ordercast::app
