// threats.md row 32: nobody chooses the address that he is known by.
#include "http/client_address.h"

#include <catch2/catch.hpp>
#include <string>

namespace ordercast::http {
namespace {

const TrustedProxies kProxies = {*AddressRange::parse("10.0.0.0/8"),
                                 *AddressRange::parse("127.0.0.1")};

std::string client(const char* peer, const std::vector<Header>& headers) {
  const auto found = client_of(IpAddress::parse(peer), headers, kProxies);
  return found.address ? found.address->text() : "none";
}

std::string forwarded(const std::string& value, const char* peer = "10.0.0.1") {
  return client(peer, {{"X-Forwarded-For", value}});
}

bool https(const char* peer, const std::vector<Header>& headers) {
  return client_of(IpAddress::parse(peer), headers, kProxies).https;
}

}  // namespace

TEST_CASE("a peer that is not trusted is the client, whatever it says") {
  CHECK(forwarded("6.6.6.6", "203.0.113.5") == "203.0.113.5");
  CHECK(client("203.0.113.5", {{"REMOTE_ADDR", "6.6.6.6"},
                               {"Forwarded", "for=6.6.6.6"},
                               {"X-Real-IP", "6.6.6.6"}}) == "203.0.113.5");
  CHECK(client("10.0.0.1", {{"REMOTE_ADDR", "6.6.6.6"}, {"Forwarded", "for=6.6.6.6"}}) ==
        "10.0.0.1");
  CHECK(client("", {{"X-Forwarded-For", "6.6.6.6"}}) == "none");
  CHECK(client_of(IpAddress::parse("127.0.0.1"), {{"X-Forwarded-For", "6.6.6.6"}}, {})
            .address->text() == "127.0.0.1");
}

TEST_CASE("of a trusted proxy the right-most address that is no proxy's counts") {
  CHECK(forwarded("198.51.100.7") == "198.51.100.7");
  CHECK(forwarded("6.6.6.6, 198.51.100.7") == "198.51.100.7");
  CHECK(forwarded("6.6.6.6,198.51.100.7 ,10.2.3.4,\t10.0.0.9") == "198.51.100.7");
  CHECK(forwarded("127.0.0.1, 198.51.100.7") == "198.51.100.7");
  CHECK(forwarded("10.9.9.9, 10.0.0.9") == "10.9.9.9");
  CHECK(forwarded("2001:db8::7") == "2001:db8::7");
  CHECK(forwarded("198.51.100.7", "127.0.0.1") == "198.51.100.7");
}

TEST_CASE("several lines are one list") {
  CHECK(client("10.0.0.1", {{"X-Forwarded-For", "6.6.6.6"},
                            {"Accept", "*/*"},
                            {"x-forwarded-for", "198.51.100.7, 10.0.0.2"}}) == "198.51.100.7");
}

TEST_CASE("a port beside the address is passed over") {
  CHECK(forwarded("198.51.100.7:4711") == "198.51.100.7");
  CHECK(forwarded("[2001:db8::7]:4711") == "2001:db8::7");
  CHECK(forwarded("[2001:db8::7]") == "2001:db8::7");
}

TEST_CASE("garbage is nobody's address: the client is the proxy that passed it on") {
  for (const char* garbage :
       {"", "unknown", "_hidden", "198.51.100.7;", "198.51.100.7:", "198.51.100.7:x",
        "198.51.100.7:123456", "[2001:db8::7", "[2001:db8::7]x", "[198.51.100.7]:80:80",
        "198.51.100.7 6.6.6.6", "\"198.51.100.7\"", "198.51.100.7,", "198.51.100.07"}) {
    INFO(garbage);
    CHECK(forwarded(garbage) == "10.0.0.1");
  }
  CHECK(forwarded("6.6.6.6, unknown, 10.0.0.2") == "10.0.0.2");
  // To the left of the client anybody may have written it: it must free nobody from his limit.
  CHECK(forwarded("unknown, 198.51.100.7") == "198.51.100.7");
}

TEST_CASE("only a trusted proxy says that it was https") {
  CHECK(https("10.0.0.1", {{"X-Forwarded-Proto", "https"}}));
  CHECK(https("10.0.0.1", {{"X-Forwarded-Proto", "HTTPS, https"}}));
  CHECK_FALSE(https("203.0.113.5", {{"X-Forwarded-Proto", "https"}}));
  CHECK_FALSE(https("10.0.0.1", {}));
  CHECK_FALSE(https("10.0.0.1", {{"X-Forwarded-Proto", "https, http"}}));
  CHECK_FALSE(https("10.0.0.1", {{"X-Forwarded-Proto", "https"}, {"X-Forwarded-Proto", "http"}}));
  CHECK_FALSE(https("10.0.0.1", {{"X-Forwarded-Proto", ""}}));
  CHECK_FALSE(https("10.0.0.1", {{"X-Forwarded-Proto", "httpsx"}}));
}

}  // namespace ordercast::http
