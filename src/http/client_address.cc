#include "http/client_address.h"

#include <algorithm>
#include <string>
#include <string_view>

#include "http/header_rules.h"

namespace ordercast::http {
namespace {

// The elements of a list header, which may be spread over several lines (RFC 9110 section 5.3).
std::vector<std::string_view> elements(const std::vector<Header>& headers, std::string_view name) {
  std::vector<std::string_view> all;
  for (const auto& header : headers) {
    if (!same_header_name(header.name, name)) continue;
    std::string_view rest = header.value;
    for (;;) {
      const auto comma = rest.find(',');
      auto element = rest.substr(0, comma);
      const auto first = element.find_first_not_of(" \t");
      element = first == element.npos
                    ? std::string_view()
                    : element.substr(first, element.find_last_not_of(" \t") + 1 - first);
      all.push_back(element);
      if (comma == rest.npos) break;
      rest.remove_prefix(comma + 1);
    }
  }
  return all;
}

bool is_port(std::string_view text) {
  return !text.empty() && text.size() <= 5 &&
         std::all_of(text.begin(), text.end(), [](char c) { return c >= '0' && c <= '9'; });
}

// Some proxies add the port: "192.0.2.1:4711", "[2001:db8::1]:4711", "[2001:db8::1]".
std::optional<IpAddress> address_of(std::string_view element) {
  if (element.starts_with('[')) {
    const auto end = element.find(']');
    if (end == element.npos) return std::nullopt;
    const auto rest = element.substr(end + 1);
    if (!rest.empty() && !(rest.front() == ':' && is_port(rest.substr(1)))) return std::nullopt;
    return IpAddress::parse(element.substr(1, end - 1));
  }
  const auto colon = element.find(':');
  const bool v4_with_port = colon != element.npos && colon == element.rfind(':');
  if (v4_with_port && !is_port(element.substr(colon + 1))) return std::nullopt;
  return IpAddress::parse(v4_with_port ? element.substr(0, colon) : element);
}

}  // namespace

bool trusts(const TrustedProxies& proxies, const std::optional<IpAddress>& peer) {
  return peer && std::any_of(proxies.begin(), proxies.end(),
                             [&](const AddressRange& range) { return range.contains(*peer); });
}

Client client_of(const std::optional<IpAddress>& peer, const std::vector<Header>& headers,
                 const TrustedProxies& proxies) {
  if (!trusts(proxies, peer)) return {.address = peer};
  Client client{.address = peer};
  const auto hops = elements(headers, "X-Forwarded-For");
  for (auto hop = hops.rbegin(); hop != hops.rend() && trusts(proxies, client.address); ++hop) {
    const auto address = address_of(*hop);
    if (!address) break;
    client.address = address;
  }
  const auto schemes = elements(headers, "X-Forwarded-Proto");
  client.https =
      !schemes.empty() && std::all_of(schemes.begin(), schemes.end(), [](std::string_view scheme) {
        return same_header_name(scheme, "https");  // in any case: RFC 3986 section 3.1
      });
  return client;
}

}  // namespace ordercast::http
