// `ordercast print-config`: what `serve` would do with the same flags, file and environment.
#pragma once

#include <CLI/CLI.hpp>

namespace ordercast::app {

void add_print_config(CLI::App& app);

}  // namespace ordercast::app
