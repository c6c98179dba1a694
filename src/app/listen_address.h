// HOST:PORT as the command line takes it. Value type.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

namespace ordercast::app {

struct ListenAddress {
  std::string host;  // a name or a numeric address, IPv6 without its brackets
  std::uint16_t port = 0;

  // "127.0.0.1:8080", "localhost:0", "[::1]:8080". Throws std::invalid_argument that says what was
  // expected.
  [[nodiscard]] static ListenAddress parse(std::string_view text);
  // Only programs on this machine can reach it.
  [[nodiscard]] bool loopback() const;
};

}  // namespace ordercast::app
