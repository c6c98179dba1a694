// `ordercast migrate`: brings a database to the schema of this binary. With --check it changes
// nothing and ends with 0 (nothing is due), 2 (something is) or 1 (it could not be found out).
#pragma once

#include <CLI/CLI.hpp>

namespace ordercast::app {

void add_migrate(CLI::App& app);

}  // namespace ordercast::app
