// `ordercast demo`: everything at once, on a private PostgreSQL: a shop that trades, its stream and
// its board.
#pragma once

#include <CLI/CLI.hpp>

namespace ordercast::app {

void add_demo(CLI::App& app);

}  // namespace ordercast::app
