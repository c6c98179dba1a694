// `ordercast serve`: streams the changes of a database until it is told to stop.
#pragma once

#include <CLI/CLI.hpp>

namespace ordercast::app {

void add_serve(CLI::App& app);

}  // namespace ordercast::app
