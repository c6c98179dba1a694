// Whether a server that listens here still takes connections off its listening socket: connects,
// asks GET /livez, and waits for any reaction. An answer of any kind, the end or a reset will do:
// a server that turns everybody away lives. That the kernel completes a connection shows nothing,
// it does so for a server that hangs. Pure function; blocks for `limit` at most.
#pragma once

#include <chrono>
#include <string>

#include "http/tcp.h"

namespace ordercast::http {

// `address` as the server's socket has it: 0.0.0.0 and :: lead to loopback.
[[nodiscard]] bool takes_connections(const SocketAddress& address, std::chrono::milliseconds limit);

}  // namespace ordercast::http
