// `ordercast tail [URL|STREAM] [FILTER...]`: the events of a stream in a terminal, or as JSON
// lines, over as many connections as it takes.
#pragma once

#include <CLI/CLI.hpp>

namespace ordercast::app {

void add_tail(CLI::App& app);

}  // namespace ordercast::app
