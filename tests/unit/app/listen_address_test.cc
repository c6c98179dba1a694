#include "app/listen_address.h"

#include <catch2/catch.hpp>
#include <stdexcept>

namespace ordercast::app {
namespace {

TEST_CASE("An address is a host and a port", "[listen_address]") {
  const auto [text, host, port, loopback] = GENERATE(table<std::string, std::string, int, bool>({
      {"127.0.0.1:8080", "127.0.0.1", 8080, true},
      {"127.1.2.3:0", "127.1.2.3", 0, true},
      {"localhost:65535", "localhost", 65535, true},
      {"[::1]:80", "::1", 80, true},
      {"0.0.0.0:80", "0.0.0.0", 80, false},
      {"[::]:80", "::", 80, false},
      {"orders.example:443", "orders.example", 443, false},
  }));
  const auto address = ListenAddress::parse(text);
  CHECK(address.host == host);
  CHECK(address.port == port);
  CHECK(address.loopback() == loopback);
}

TEST_CASE("What is no address is refused", "[listen_address]") {
  const auto* text =
      GENERATE("", ":", "8080", "localhost", "localhost:", ":80", "localhost:http", "localhost:-1",
               "localhost:65536", "localhost:80 ", "::1:80", "[]:80");
  CHECK_THROWS_AS(ListenAddress::parse(text), std::invalid_argument);
}

// "127.0.0.1.example" would be somebody's name, and resolves to whatever its owner says.
TEST_CASE("A name that only looks like loopback is none", "[listen_address]") {
  CHECK_FALSE(ListenAddress::parse("127.0.0.1.example:80").loopback());
  CHECK_FALSE(ListenAddress::parse("localhost.example:80").loopback());
}

}  // namespace
}  // namespace ordercast::app
