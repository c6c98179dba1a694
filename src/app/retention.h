// `ordercast retention`: how much of the change log is kept.
#pragma once

#include <CLI/CLI.hpp>

namespace ordercast::app {

void add_retention(CLI::App& app);

}  // namespace ordercast::app
