// `ordercast check-config FILE`: whether `serve --config FILE` would take it, without starting.
#pragma once

#include <CLI/CLI.hpp>

namespace ordercast::app {

void add_check_config(CLI::App& app);

}  // namespace ordercast::app
