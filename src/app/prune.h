// `ordercast prune`: lets go at once what retention does not keep, which each node does once a
// minute. How much is kept, says `ordercast retention`.
#pragma once

#include <CLI/CLI.hpp>

namespace ordercast::app {

void add_prune(CLI::App& app);

}  // namespace ordercast::app
