// `ordercast completion bash|zsh|fish` and, hidden, `ordercast man`: what a package installs beside
// the program, made from the program's own command line.
#pragma once

#include <CLI/CLI.hpp>

namespace ordercast::app {

// The commands describe all of `app`, also what is added to it later; `app` must outlive them.
void add_completion(CLI::App& app);
void add_man(CLI::App& app);

}  // namespace ordercast::app
