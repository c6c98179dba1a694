// TCP sockets: how they listen, what is set on those accepted, and their addresses.
#pragma once

#include <chrono>
#include <cstdint>
#include <string>

#include "base/unique_fd.h"

namespace ordercast::http {

// A non-blocking socket that listens on the first address of `host` that this machine has; port 0
// takes a free one. SO_REUSEADDR, so that a restart need not wait for TIME_WAIT, but never
// SO_REUSEPORT, with which two servers would share the port without a word. An address in use ends
// the search: "localhost" must not slip from ::1 to 127.0.0.1 because another server has the first.
// Throws ListenError (server.h), with a text for the person who started the program.
[[nodiscard]] UniqueFd listen_on(const std::string& host, std::uint16_t port, int backlog);

// For an accepted socket: no Nagle delay for small events, and a peer that vanished without a word
// is found, when bytes are on their way after `peer_timeout`, on an idle connection somewhat later.
void set_connection_options(int fd, std::chrono::milliseconds peer_timeout);

struct SocketAddress {
  std::string host;  // numeric, IPv6 without brackets; IPv4 inside IPv6 as plain IPv4
  std::uint16_t port = 0;
};

// An empty host when the socket has none.
[[nodiscard]] SocketAddress local_address(int fd);
[[nodiscard]] SocketAddress peer_address(int fd);

// "127.0.0.1:8080", "[::1]:8080"
[[nodiscard]] std::string to_string(const SocketAddress& address);

}  // namespace ordercast::http
