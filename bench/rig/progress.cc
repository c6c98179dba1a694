#include "rig/progress.h"

#include <fmt/format.h>
#include <unistd.h>

#include <chrono>
#include <cstdio>

namespace ordercast::bench {

void progress(const std::string& text) {
  if (::isatty(STDERR_FILENO) != 0) {
    fmt::print(stderr, "\r\033[K{}", text);
    std::fflush(stderr);
    return;
  }
  // Often enough to see in a log that it is alive.
  constexpr std::chrono::seconds kInterval{5};
  static auto due = std::chrono::steady_clock::now();
  const auto now = std::chrono::steady_clock::now();
  if (now < due) return;
  due = now + kInterval;
  fmt::print(stderr, "{}\n", text);
}

void progress_end() {
  if (::isatty(STDERR_FILENO) != 0) fmt::print(stderr, "\r\033[K");
}

}  // namespace ordercast::bench
