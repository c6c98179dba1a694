#include "app/stream_url.h"

#include <fmt/format.h>

#include <stdexcept>
#include <string_view>

#include "http/percent.h"

namespace ordercast::app {
namespace {

constexpr std::string_view kStreams = "/v1/streams/";
constexpr std::string_view kUsualStream = "orders";
// What a query may hold as it is (RFC 3986, section 3.4) and means nothing more than itself.
constexpr std::string_view kKept = "()*,:>.!'/@$;-";

}  // namespace

std::string stream_url(const std::string& server, const std::string& target,
                       const std::vector<std::pair<std::string, std::string>>& parameters) {
  const bool is_url = target.find("://") != target.npos;
  std::string url = is_url ? target : server;
  const auto scheme = url.find("://");
  if (scheme == url.npos) {
    throw std::invalid_argument(fmt::format("'{}' is not of the form http://127.0.0.1:8080", url));
  }
  if (url.find_first_of("#@") != url.npos) {
    throw std::invalid_argument(
        "a URL with '#' or '@' names no stream; a token is never part of it");
  }
  const auto path = url.find_first_of("/?", scheme + 3);
  if (path == url.npos || url.substr(path) == "/") {
    url.resize(std::min(path, url.size()));
    url += kStreams;
    url += is_url || target.empty() ? std::string(kUsualStream) : http::percent_encode(target);
  } else if (!is_url) {
    throw std::invalid_argument(fmt::format("'{}' is a server, and has no path", server));
  }
  for (const auto& [name, value] : parameters) {
    url += fmt::format("{}{}={}", url.find('?') == url.npos ? '?' : '&',
                       http::percent_encode(name, kKept), http::percent_encode(value, kKept));
  }
  return url;
}

}  // namespace ordercast::app
