#include "http/ip_address.h"

#include <catch2/catch.hpp>
#include <string>

namespace ordercast::http {
namespace {

IpAddress address(std::string_view text) {
  const auto parsed = IpAddress::parse(text);
  REQUIRE(parsed);
  return *parsed;
}

bool contains(std::string_view range, std::string_view text) {
  const auto parsed = AddressRange::parse(range);
  REQUIRE(parsed);
  return parsed->contains(address(text));
}

}  // namespace

TEST_CASE("addresses are read and written in their usual form") {
  CHECK(address("192.0.2.1").text() == "192.0.2.1");
  CHECK(address("2001:DB8:0:0::1").text() == "2001:db8::1");
  CHECK(address("::ffff:192.0.2.1") == address("192.0.2.1"));
  CHECK(address("192.0.2.1").is_v4());
  CHECK_FALSE(address("2001:db8::1").is_v4());
}

TEST_CASE("what is no address is none") {
  using std::string_literals::operator""s;
  for (const std::string& text :
       {""s, "localhost"s, "1.2.3"s, "1.2.3.4.5"s, "1.2.3.256"s, "01.2.3.4"s, "0x1.2.3.4"s,
        " 1.2.3.4"s, "1.2.3.4 "s, "1.2.3.4:80"s, "[::1]"s, "fe80::1%eth0"s, ":::"s, "1.2.3.4\0"s,
        std::string(5'000, '1')}) {
    INFO(text);
    CHECK_FALSE(IpAddress::parse(text));
  }
}

TEST_CASE("loopback is this machine, in all its addresses") {
  for (const char* text : {"127.0.0.1", "127.255.0.9", "::1", "::ffff:127.0.0.1"}) {
    CHECK(address(text).is_loopback());
  }
  for (const char* text : {"126.0.0.1", "128.0.0.1", "::2", "::", "0.0.0.0"}) {
    CHECK_FALSE(address(text).is_loopback());
  }
}

TEST_CASE("an IPv6 client is its /64, an IPv4 client its address") {
  CHECK(address("2001:db8:1:2:3:4:5:6").client_network() == address("2001:db8:1:2::"));
  CHECK(address("2001:db8:1:2::").client_network() != address("2001:db8:1:3::").client_network());
  CHECK(address("192.0.2.1").client_network() == address("192.0.2.1"));
}

TEST_CASE("ranges contain what begins as they do") {
  CHECK(contains("10.0.0.0/8", "10.255.1.2"));
  CHECK_FALSE(contains("10.0.0.0/8", "11.0.0.0"));
  CHECK(contains("192.0.2.4/31", "192.0.2.5"));
  CHECK_FALSE(contains("192.0.2.4/31", "192.0.2.6"));
  CHECK(contains("192.0.2.4", "192.0.2.4"));
  CHECK_FALSE(contains("192.0.2.4", "192.0.2.5"));
  CHECK(contains("0.0.0.0/0", "203.0.113.9"));
  CHECK_FALSE(contains("0.0.0.0/0", "2001:db8::1"));
  CHECK(contains("2001:db8::/33", "2001:db8:7fff::1"));
  CHECK_FALSE(contains("2001:db8::/33", "2001:db8:8000::1"));
  CHECK(contains("::/0", "2001:db8::1"));
}

TEST_CASE("what is no range is none") {
  for (const char* text : {"", "/8", "10.0.0.0/", "10.0.0.0/33", "10.0.0.0/-1", "10.0.0.0/8x",
                           "10.1.2.3/8", "::1/129", "2001:db8::1/64", "example.com/8"}) {
    INFO(text);
    CHECK_FALSE(AddressRange::parse(text));
  }
}

}  // namespace ordercast::http
