// `ordercast watch TABLE` and `ordercast unwatch STREAM`: which tables are streams.
#pragma once

#include <CLI/CLI.hpp>

namespace ordercast::app {

void add_watch(CLI::App& app);
void add_unwatch(CLI::App& app);

}  // namespace ordercast::app
