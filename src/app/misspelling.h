// What somebody may have meant on a command line that was refused. Pure.
#pragma once

#include <CLI/CLI.hpp>
#include <optional>
#include <string>

namespace ordercast::app {

// The nearest verb or option to the first word that there is not. `app`: the whole program, of
// which parse() has thrown. None when all words were known.
[[nodiscard]] std::optional<std::string> nearest_word(const CLI::App& app);

}  // namespace ordercast::app
