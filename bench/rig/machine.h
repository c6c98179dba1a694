// The line that says on what a table was measured. Free functions.
#pragma once

#include <string>

namespace ordercast::bench {

// "Machine: 2 cores of Intel(R) …, 24 GB, Linux 6.18, Debian …; nginx 1.22.1, Node v20; 2026-11-25"
// `postgres`: its version, or empty where it takes no part.
[[nodiscard]] std::string machine(const std::string& postgres);

}  // namespace ordercast::bench
