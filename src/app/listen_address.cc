#include "app/listen_address.h"

#include <arpa/inet.h>
#include <fmt/format.h>

#include <charconv>
#include <stdexcept>

namespace ordercast::app {

ListenAddress ListenAddress::parse(std::string_view text) {
  const auto colon = text.rfind(':');
  auto host = text.substr(0, colon == std::string_view::npos ? 0 : colon);
  const bool bracketed = host.size() > 2 && host.front() == '[' && host.back() == ']';
  if (bracketed) host = host.substr(1, host.size() - 2);
  const auto digits = text.substr(colon == std::string_view::npos ? text.size() : colon + 1);
  ListenAddress address{std::string(host), 0};
  const auto [end, error] =
      std::from_chars(digits.data(), digits.data() + digits.size(), address.port);
  const bool port_ok = error == std::errc{} && end == digits.data() + digits.size();
  const bool host_ok =
      !host.empty() && host.find_first_of(bracketed ? "[]" : ":[]") == std::string_view::npos;
  if (!port_ok || !host_ok) {
    throw std::invalid_argument(fmt::format(
        "'{}' is not HOST:PORT, as in 127.0.0.1:8080 or [::1]:8080 (port 0 takes a free one)",
        text));
  }
  return address;
}

bool ListenAddress::loopback() const {
  in_addr address{};
  const bool numeric = ::inet_pton(AF_INET, host.c_str(), &address) == 1;
  return host == "localhost" || host == "::1" || (numeric && host.starts_with("127."));
}

}  // namespace ordercast::app
