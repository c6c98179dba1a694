// Origins of pages (RFC 6454): which of other sites may ask, and how a request of one is told.
// Pure; the list is immutable and thread-safe.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "http/request.h"

namespace ordercast::http {

// Whether an origin, "http://shop.example:8080", is of this Host, "shop.example:8080"; "null" is of
// none. The scheme is not looked at: a proxy may have taken the TLS off.
[[nodiscard]] bool is_same_host(std::string_view origin, std::string_view host);

// The origins that --cors-origin names, compared exactly: no wildcards in names, never "null".
class OriginList {
 public:
  OriginList() = default;
  // Each is SCHEME://HOST[:PORT] in lower case as browsers send it, or "*" alone. Throws
  // std::invalid_argument with what was expected.
  explicit OriginList(std::vector<std::string> origins);

  [[nodiscard]] bool empty() const { return origins_.empty(); }
  // "*": pages of all sites, but without cookies.
  [[nodiscard]] bool all() const { return !empty() && origins_.front() == "*"; }
  [[nodiscard]] bool names(std::string_view origin) const;

 private:
  std::vector<std::string> origins_;
};

// Whether a page of this server, of a listed one, or no page at all asks: what must hold before a
// cookie counts, which a browser sends with whatever any page makes it ask for. Sec-Fetch-Site (W3C
// Fetch Metadata) tells; so does Origin, which must be there with `writes`.
[[nodiscard]] bool comes_from_own_page(const Request& request, const OriginList& allowed,
                                       bool writes);

}  // namespace ordercast::http
