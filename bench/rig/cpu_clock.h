// How much CPU time a process has used: all of its threads, also those that have ended, to the
// nanosecond (clock_getcpuclockid(3)). What the kernel does in a send() over loopback, up to the
// receiver's socket, is charged to the sender, alike for every server. Free functions.
#pragma once

#include <sys/types.h>

#include <cstdint>
#include <vector>

namespace ordercast::bench {

// 0 when the process is gone.
[[nodiscard]] std::int64_t cpu_ns(pid_t process);
// The process and all that descend from it now: nginx's workers, PostgreSQL's sessions.
[[nodiscard]] std::vector<pid_t> tree_of(pid_t process);
[[nodiscard]] std::int64_t tree_cpu_ns(pid_t process);

}  // namespace ordercast::bench
