// What the kernel says of this process: /proc/self (proc(5)). Thread-safe.
#pragma once

#include <cstdint>

namespace ordercast {

struct ProcessStatus {
  double cpu_seconds = 0;         // user and system
  double start_time_seconds = 0;  // since 1970
  std::uint64_t resident_bytes = 0;
  std::uint64_t virtual_bytes = 0;
  std::uint64_t open_fds = 0;
  std::uint64_t max_fds = 0;
  std::uint64_t threads = 0;
};

// What cannot be read is 0.
[[nodiscard]] ProcessStatus process_status();

}  // namespace ordercast
