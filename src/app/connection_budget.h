// How many connections a process has descriptors for (base/descriptor_limit.h). Pure.
#pragma once

#include <cstddef>

namespace ordercast::app {

// What --max-connections is without a word: as many as `descriptors` have room for, and no more
// than http::ServerOptions has.
[[nodiscard]] std::size_t default_connections(std::size_t descriptors);

[[nodiscard]] std::size_t descriptors_for(std::size_t connections);
[[nodiscard]] bool has_room(std::size_t descriptors, std::size_t connections);

}  // namespace ordercast::app
