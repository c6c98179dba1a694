#include "http/head_scanner.h"

#include <catch2/catch.hpp>
#include <string>

namespace ordercast::http {
namespace {

const std::string kHead = "GET / HTTP/1.1\r\nHost: x\r\n\r\n";

// The status of the refusal, or 0.
int scan(HeadScanner& scanner, const std::string& bytes) {
  const auto refusal = scanner.scan(bytes);
  return refusal ? refusal->status : 0;
}

int scan(const std::string& bytes, const HeadLimits& limits = {}) {
  HeadScanner scanner(limits);
  return scan(scanner, bytes);
}

}  // namespace

TEST_CASE("the end of a head is found, whatever follows it") {
  HeadScanner scanner({});
  CHECK(scan(scanner, kHead + "body\n\0\r") == 0);
  CHECK(scanner.complete());
  CHECK(scanner.head_size() == kHead.size());
}

TEST_CASE("a head may come byte by byte") {
  HeadScanner scanner({});
  for (std::size_t size = 1; size < kHead.size(); ++size) {
    REQUIRE(scan(scanner, kHead.substr(0, size)) == 0);
    REQUIRE_FALSE(scanner.complete());
  }
  CHECK(scan(scanner, kHead) == 0);
  CHECK(scanner.complete());
}

TEST_CASE("a bad byte is refused at once, before the head is complete") {
  CHECK(scan("GET / HTTP/1.1\n") == 400);
  CHECK(scan("GET / HTTP/1.1\rX") == 400);
  CHECK(scan("\x16\x03\x01") == 400);
  CHECK(scan(std::string("GET /\0", 6)) == 400);
}

TEST_CASE("tabs and bytes beyond ASCII are no bad bytes") {
  CHECK(scan("GET / HTTP/1.1\r\nX: \t\xe5\xbc\xa0\xff\r\n\r\n") == 0);
}

TEST_CASE("an endless request line is refused as too long a target") {
  const HeadLimits limits;
  CHECK(scan("GET /" + std::string(limits.target_bytes + 100, 'a')) == 414);
  CHECK(scan("GET /" + std::string(limits.target_bytes - 100, 'a')) == 0);
}

TEST_CASE("a head may be as large as its limit, and no byte larger") {
  const HeadLimits limits;
  const std::string prefix = "GET / HTTP/1.1\r\nX: ";
  const auto head_of = [&](std::size_t size) {
    return prefix + std::string(size - prefix.size() - 4, 'a') + "\r\n\r\n";
  };
  CHECK(scan(head_of(limits.head_bytes)) == 0);
  CHECK(scan(head_of(limits.head_bytes + 1)) == 431);
  CHECK(scan(prefix + std::string(limits.head_bytes, 'a')) == 431);
}

TEST_CASE("a head may have as many lines as its limit, and no line more") {
  const HeadLimits limits;
  const auto head_of = [](std::size_t lines) {
    std::string head = "GET / HTTP/1.1\r\n";
    for (std::size_t i = 0; i < lines; ++i) head += "a: b\r\n";
    return head + "\r\n";
  };
  CHECK(scan(head_of(limits.header_lines)) == 0);
  CHECK(scan(head_of(limits.header_lines + 1)) == 431);
}

}  // namespace ordercast::http
