#include "rig/progress.h"

#include <fmt/format.h>
#include <unistd.h>

#include <cstdio>

namespace ordercast::bench {

void progress(const std::string& text) {
  fmt::print(stderr, "{}", ::isatty(STDERR_FILENO) != 0 ? "\r\033[K" + text : text + "\n");
  std::fflush(stderr);
}

void progress_end() {
  if (::isatty(STDERR_FILENO) != 0) fmt::print(stderr, "\r\033[K");
}

}  // namespace ordercast::bench
