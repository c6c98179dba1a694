// `ordercast load URL`: many clients of one stream, from one thread, and whether each of them was
// sent everything.
#pragma once

#include <CLI/CLI.hpp>

namespace ordercast::app {

void add_load(CLI::App& app);

}  // namespace ordercast::app
