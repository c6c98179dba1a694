// `ordercast token`: makes and checks tokens, for tests, for scripts, and for finding out why one
// is refused.
#pragma once

#include <CLI/CLI.hpp>

namespace ordercast::app {

void add_token(CLI::App& app);

}  // namespace ordercast::app
