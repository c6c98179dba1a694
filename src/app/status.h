// `ordercast status`: how a node is, as it says itself: what it serves, to how many, how far behind
// it is, how large the log is. Ends with 0 (it serves), 1 (it is not ready) or 2 (it does not
// answer).
#pragma once

#include <CLI/CLI.hpp>

namespace ordercast::app {

void add_status(CLI::App& app);

}  // namespace ordercast::app
