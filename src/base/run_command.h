// Runs a short helper program and returns what it printed. Blocks, at most kRunCommandLimit.
// Thread-safe.
#pragma once

#include <chrono>
#include <optional>
#include <string>
#include <vector>

namespace ordercast {

// Helpers such as `pg_config --bindir` answer within milliseconds; one that hangs must not hang us.
inline constexpr std::chrono::seconds kRunCommandLimit{10};

// stdout without its last newline. Empty when the program cannot be started, fails, prints more
// than a pipe holds (64 KiB), or takes too long: the callers only ask whether it has an answer.
[[nodiscard]] std::optional<std::string> run_command(std::vector<std::string> argv);

}  // namespace ordercast
