// A connection from accept(2) to its close, with what it holds meanwhile. Movable; confined to one
// thread at a time.
#pragma once

#include <optional>

#include "base/keyed_limit.h"
#include "base/unique_fd.h"
#include "http/ip_address.h"

namespace ordercast::http {

struct AcceptedConnection {
  // Destroyed from the last to the first: the place is free once the socket is closed.
  KeyedLimit<IpAddress>::Place place{};
  std::optional<IpAddress> peer = std::nullopt;  // none: of a Unix socket
  UniqueFd socket;
};

}  // namespace ordercast::http
