// `ordercast migrate`: brings a database to the schema of this binary.
#pragma once

#include <CLI/CLI.hpp>

namespace ordercast::app {

void add_migrate(CLI::App& app);

}  // namespace ordercast::app
