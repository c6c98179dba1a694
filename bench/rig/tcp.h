// Plain connections to a port of this machine, for publishers. Free functions.
#pragma once

#include <cstdint>
#include <string_view>

#include "base/unique_fd.h"

namespace ordercast::bench {

// Blocking, without Nagle's delay. Throws std::system_error.
[[nodiscard]] UniqueFd connect_to(std::uint16_t port);
[[nodiscard]] bool can_connect(std::uint16_t port);
// Blocking; throws std::system_error when the peer is gone.
void send_all(int fd, std::string_view bytes);
// A listening socket on 127.0.0.1, with a backlog for thousands; port 0 takes a free one.
[[nodiscard]] UniqueFd listen_on(std::uint16_t port);
[[nodiscard]] std::uint16_t port_of(int listening);

}  // namespace ordercast::bench
