// Random bytes that nobody can guess, from the kernel. Thread-safe.
#pragma once

#include <cstddef>
#include <string>

namespace ordercast {

// At most 256. Throws std::system_error.
[[nodiscard]] std::string random_bytes(std::size_t count);

}  // namespace ordercast
