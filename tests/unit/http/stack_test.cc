// docs/security.md row 16: no length of anything that a client sends overflows a connection's
// stack. The bare library dies of a 452-byte URL or Range on 256 KiB: std::regex recurses for each
// character.
#include <sys/mman.h>

#include <catch2/catch.hpp>
#include <functional>
#include <map>
#include <string>

#include "support/http_client.h"
#include "support/test_site.h"

namespace ordercast::testing {
namespace {

// A quarter of what connections get: what is left is for what routes call (the database client).
http::ServerOptions small_stacks() {
  http::ServerOptions options;
  options.stack_bytes /= 4;
  return options;
}

std::string get(const std::string& target, const std::string& header = {}) {
  return "GET " + target + " HTTP/1.1\r\nHost: x\r\n" + header + "\r\n";
}

std::string repeated(const std::string& unit, std::size_t size) {
  std::string text;
  while (text.size() < size) text += unit;
  return text.substr(0, size);
}

std::string post(const std::string& type, const std::string& body) {
  return "POST /echo HTTP/1.1\r\nHost: x\r\nContent-Type: " + type +
         "\r\nContent-Length: " + std::to_string(body.size()) + "\r\n\r\n" + body;
}

// Requests with something of `size` bytes in them.
using Shape = std::function<std::string(std::size_t size)>;

std::map<std::string, Shape> shapes() {
  const auto header = [](const std::string& name, const std::string& prefix,
                         const std::string& unit) {
    return [=](std::size_t size) {
      return get("/echo", name + ": " + prefix + repeated(unit, size) + "\r\n");
    };
  };
  return {
      {"path", [](std::size_t n) { return get("/" + repeated("a", n)); }},
      {"path of a route", [](std::size_t n) { return get("/items/" + repeated("a", n)); }},
      {"segments", [](std::size_t n) { return get(repeated("/a", n)); }},
      {"escapes in the path", [](std::size_t n) { return get("/" + repeated("%61", n / 3 * 3)); }},
      {"query", [](std::size_t n) { return get("/echo?" + repeated("a", n)); }},
      {"parameters", [](std::size_t n) { return get("/echo?" + repeated("a=b&", n)); }},
      {"method", [](std::size_t n) { return repeated("A", n) + " / HTTP/1.1\r\n\r\n"; }},
      {"version", [](std::size_t n) { return "GET / HTTP/" + repeated("1", n) + "\r\n\r\n"; }},
      {"range digits", header("Range", "bytes=", "9")},
      {"ranges", header("Range", "bytes=", "1-2,")},
      {"Accept", header("Accept", "", "text/html;q=0.9,")},
      {"Accept-Encoding", header("Accept-Encoding", "", "gzip;q=0.5, ")},
      {"Cookie", header("Cookie", "", "a=b; ")},
      {"Authorization", header("Authorization", "Bearer ", "eyJ.")},
      {"Last-Event-ID", header("Last-Event-ID", "", "z")},
      {"multipart boundary", header("Content-Type", "multipart/form-data; boundary=", "b")},
      {"header lines", [](std::size_t n) { return get("/echo", repeated("a: b\r\n", n / 6 * 6)); }},
      {"multipart file name",
       [](std::size_t n) {
         return post("multipart/form-data; boundary=b",
                     "--b\r\nContent-Disposition: form-data; name=\"f\"; filename=\"" +
                         repeated("a", n) + "\"\r\n\r\nx\r\n--b--\r\n");
       }},
      {"form body",
       [](std::size_t n) {
         return post("application/x-www-form-urlencoded", repeated("a=b&", n));
       }},
  };
}

}  // namespace

TEST_CASE("no length of anything overflows a small stack") {
  TestSite site(small_stacks());
  for (const auto& [name, shape] : shapes()) {
    for (const std::size_t size :
         {100, 140, 256, 452, 889, 1000, 1762, 2000, 2040, 3446, 4000, 6000, 6939, 7900, 8000}) {
      INFO(name << " of " << size);
      const auto responses = round_trip(site.port(), shape(size));
      REQUIRE(responses.size() == 1);
      CHECK(responses[0].complete);
    }
  }
}

}  // namespace ordercast::testing
