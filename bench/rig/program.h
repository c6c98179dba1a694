// What the main() of every benchmark does once its options are declared.
#pragma once

#include <CLI/CLI.hpp>
#include <functional>

namespace ordercast::bench {

// Reads the command line, runs `body` supervised (supervise.h) and says on stderr, under the
// program's name, what it throws. Returns the exit status; that of `--help` and of a wrong option
// too.
int run_program(CLI::App& app, int argc, const char* const* argv, const std::function<int()>& body);

}  // namespace ordercast::bench
