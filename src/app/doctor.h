// `ordercast doctor`: what is wrong with a database and this machine, and how to mend it. Ends with
// 1 when something is wrong that keeps changes from clients, else 0.
#pragma once

#include <CLI/CLI.hpp>

namespace ordercast::app {

void add_doctor(CLI::App& app);

}  // namespace ordercast::app
