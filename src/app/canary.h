// `ordercast canary`: how long a message takes from its commit until a client has it, in one
// number. Ends with 0 (in time), 1 (too late, or not at all) or 2 (it could not be tried): for
// monitoring.
#pragma once

#include <CLI/CLI.hpp>

namespace ordercast::app {

void add_canary(CLI::App& app);

}  // namespace ordercast::app
