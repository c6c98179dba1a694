// Who a request comes from, when proxies may stand in between: the peer of the socket, unless that
// is a proxy we were told to trust, which then says for whom it asks. No other header is believed,
// and none of a peer that is not trusted. Pure function.
#pragma once

#include <optional>
#include <vector>

#include "http/ip_address.h"
#include "http/request.h"

namespace ordercast::http {

using TrustedProxies = std::vector<AddressRange>;

[[nodiscard]] bool trusts(const TrustedProxies& proxies, const std::optional<IpAddress>& peer);

struct Client {
  std::optional<IpAddress> address;  // none: the peer of a Unix socket
  bool https = false;                // it came to the outermost trusted proxy over TLS
};

// X-Forwarded-For is read from its right end, where each proxy appends the peer that it saw: the
// first address that is no trusted proxy's is the client's. What stands to the left of it anybody
// may have written. An element that is no address (with a port, perhaps) ends the search: the last
// proxy that was named before, or the peer, is the client then. X-Forwarded-Proto says https when
// all its elements do.
[[nodiscard]] Client client_of(const std::optional<IpAddress>& peer,
                               const std::vector<Header>& headers, const TrustedProxies& proxies);

}  // namespace ordercast::http
