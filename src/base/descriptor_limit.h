// How many descriptors the process may have open (RLIMIT_NOFILE).
#pragma once

#include <cstddef>

namespace ordercast {

// Raises the soft limit to the hard one; returns what it is then. The usual soft limit, 1,024, is
// for programs that use select(2).
std::size_t raise_descriptor_limit();

}  // namespace ordercast
