#include "http/origin.h"

#include <fmt/format.h>

#include <algorithm>
#include <stdexcept>
#include <utility>

#include "http/header_rules.h"

namespace ordercast::http {
namespace {

// The host and port of an origin, without the port that its scheme has anyway.
std::string_view authority_of(std::string_view origin, std::string_view default_port) {
  if (origin.ends_with(default_port)) origin.remove_suffix(default_port.size());
  return origin;
}

bool is_origin(std::string_view text) {
  const auto scheme_end = text.find("://");
  if (scheme_end == text.npos) return false;
  const auto scheme = text.substr(0, scheme_end);
  const auto host = text.substr(scheme_end + 3);
  constexpr std::string_view kHost = "abcdefghijklmnopqrstuvwxyz0123456789.-:[]_";
  return (scheme == "http" || scheme == "https") && !host.empty() &&
         host.find_first_not_of(kHost) == host.npos;
}

}  // namespace

bool is_same_host(std::string_view origin, std::string_view host) {
  const auto scheme_end = origin.find("://");
  if (scheme_end == origin.npos) return false;  // "null"
  const auto* default_port =
      same_header_name(origin.substr(0, scheme_end), "https") ? ":443" : ":80";
  return same_header_name(authority_of(origin.substr(scheme_end + 3), default_port),
                          authority_of(host, default_port));
}

OriginList::OriginList(std::vector<std::string> origins) : origins_(std::move(origins)) {
  for (const auto& origin : origins_) {
    if (origin == "*" && origins_.size() == 1) continue;
    if (!is_origin(origin)) {
      throw std::invalid_argument(fmt::format(
          "'{}' is no origin of a page as browsers send it, SCHEME://HOST[:PORT] in lower case, as "
          "in https://shop.example (or '*' alone)",
          origin));
    }
  }
}

bool OriginList::names(std::string_view origin) const {
  return std::find(origins_.begin(), origins_.end(), origin) != origins_.end();
}

bool comes_from_own_page(const Request& request, const OriginList& allowed, bool writes) {
  const auto origin = request.header("Origin");
  const bool listed = origin && allowed.names(*origin);
  if (const auto site = request.header("Sec-Fetch-Site")) {
    if (*site != "same-origin" && *site != "none" && !listed) return false;
  }
  if (!origin) return !writes;
  return listed || is_same_host(*origin, request.header("Host").value_or(""));
}

}  // namespace ordercast::http
