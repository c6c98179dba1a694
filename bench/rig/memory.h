// What memory is in use, for differences. Free functions.
#pragma once

#include <sys/types.h>

#include <cstdint>

namespace ordercast::bench {

// Resident bytes of the process and of all that descend from it; what they share counts once
// (Pss of /proc/PID/smaps_rollup). 0 when it is gone.
[[nodiscard]] std::uint64_t tree_memory(pid_t process);
// Bytes that the kernel holds for itself: slabs (sockets, files, threads), thread stacks, page
// tables. Of the whole machine: what else happens on it is in it, too.
[[nodiscard]] std::uint64_t kernel_memory();

[[nodiscard]] std::size_t open_descriptors(pid_t process);
[[nodiscard]] std::size_t threads(pid_t process);

}  // namespace ordercast::bench
