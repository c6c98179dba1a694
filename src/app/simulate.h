// `ordercast simulate`: lets the demo shop trade in a database.
#pragma once

#include <CLI/CLI.hpp>

namespace ordercast::app {

void add_simulate(CLI::App& app);

}  // namespace ordercast::app
