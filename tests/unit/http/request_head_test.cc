// What passes the gate. What does not is in smuggling_test.cc, through a whole server.
#include "http/request_head.h"

#include <rapidcheck.h>

#include <algorithm>
#include <catch2/catch.hpp>
#include <string>
#include <utility>
#include <vector>

#include "http/header_rules.h"
#include "http/percent.h"

namespace ordercast::http {
namespace {

RequestHead parsed(const std::string& raw) {
  return std::get<RequestHead>(parse_request_head(raw, {}));
}

// The status of the refusal, or 0.
int status(const std::string& raw, const HeadLimits& limits = {}) {
  const auto result = parse_request_head(raw, limits);
  const auto* refusal = std::get_if<Refusal>(&result);
  return refusal == nullptr ? 0 : refusal->status;
}

std::vector<std::pair<std::string, std::string>> headers(const std::string& lines) {
  std::vector<std::pair<std::string, std::string>> pairs;
  for (const auto& [name, value] : parsed("GET / HTTP/1.0\r\n" + lines + "\r\n").headers) {
    pairs.emplace_back(name, value);
  }
  return pairs;
}

// Heads that are nearly right: real ones with some bytes replaced by the ones that matter.
rc::Gen<std::string> nearly_heads() {
  const auto whole = rc::gen::element<std::string>(
      "GET /v1/streams/orders?status=in.(paid)&a=%41 HTTP/1.1\r\nHost: x\r\nAccept: */*\r\n\r\n",
      "POST /v1/orders HTTP/1.1\r\nHost: x\r\nContent-Length: 12\r\nCookie: a=b%20c\r\n\r\n",
      "HEAD / HTTP/1.0\r\nLast-Event-ID: abc%41\r\n\r\n");
  const auto byte = rc::gen::oneOf(rc::gen::element<char>('\r', '\n', '\0', ' ', '\t', ':', '%',
                                                          '/', '?', '#', '0', 'a', '\x7f'),
                                   rc::gen::arbitrary<char>());
  const auto change = rc::gen::pair(rc::gen::inRange<std::size_t>(0, 120), byte);
  return rc::gen::map(
      rc::gen::pair(whole, rc::gen::container<std::vector<std::pair<std::size_t, char>>>(change)),
      [](std::pair<std::string, std::vector<std::pair<std::size_t, char>>> input) {
        auto& [text, changes] = input;
        // A handful at most: more, and nothing ever passes.
        if (changes.size() > 4) changes.resize(4);
        for (const auto& [at, byte] : changes) text[at % text.size()] = byte;
        return text;
      });
}

bool clean(const std::string& text) {
  return is_utf8(text) && std::none_of(text.begin(), text.end(), is_control);
}

// What request.h promises to handlers.
bool keeps_promises(const RequestHead& head, const HeadLimits& limits) {
  const auto value_ok = [](const Header& header) {
    return is_token(header.name) &&
           std::all_of(header.value.begin(), header.value.end(),
                       [](char c) { return c == '\t' || !is_control(c); }) &&
           !same_header_name(header.name, "Transfer-Encoding");
  };
  const auto param_ok = [](const Parameter& param) {
    return is_utf8(param.name) && is_utf8(param.value) &&
           (param.name + param.value).find('\0') == std::string::npos;
  };
  return clean(head.path) && head.path.starts_with('/') && !head.segments.empty() &&
         std::all_of(head.segments.begin(), head.segments.end(), clean) &&
         std::all_of(head.headers.begin(), head.headers.end(), value_ok) &&
         std::all_of(head.params.begin(), head.params.end(), param_ok) &&
         head.content_length <= limits.body_bytes;
}

}  // namespace

TEST_CASE("whatever passes keeps the promises of request.h") {
  int passed = 0;
  CHECK(rc::check([&passed] {
    const auto raw = *nearly_heads();
    const auto result = parse_request_head(raw, {});
    if (const auto* head = std::get_if<RequestHead>(&result)) {
      ++passed;
      RC_ASSERT(keeps_promises(*head, {}));
    }
  }));
  CHECK(passed > 0);
}

TEST_CASE("a plain request is taken apart") {
  const auto head = parsed(
      "POST /v1/orders?dry=true HTTP/1.1\r\nHost: shop.example:8080\r\nContent-Length: 12\r\n"
      "Content-Type: application/json\r\n\r\n");
  CHECK(head.method == "POST");
  CHECK(head.path == "/v1/orders");
  CHECK(head.segments == std::vector<std::string>{"v1", "orders"});
  REQUIRE(head.params.size() == 1);
  CHECK(head.params[0].name == "dry");
  CHECK(head.content_length == 12);
  CHECK_FALSE(head.http_1_0);
  CHECK(head.headers.size() == 3);
}

TEST_CASE("HTTP/1.0 needs no Host") {
  CHECK(parsed("GET / HTTP/1.0\r\n\r\n").http_1_0);
}

TEST_CASE("hosts with ports and IPv6 addresses are hosts") {
  for (const char* host : {"localhost", "127.0.0.1:8080", "[::1]:8080", "a-b.example_c.org"}) {
    INFO(host);
    CHECK(status(std::string("GET / HTTP/1.1\r\nHost: ") + host + "\r\n\r\n") == 0);
  }
}

TEST_CASE("header values lose the blanks around them and nothing else") {
  using Pairs = std::vector<std::pair<std::string, std::string>>;
  CHECK(headers("X: \t a \t b \t \r\n") == Pairs{{"X", "a \t b"}});
  CHECK(headers("X:a\r\n") == Pairs{{"X", "a"}});
  CHECK(headers("X:\r\nY: \r\n") == Pairs{{"X", ""}, {"Y", ""}});
  CHECK(headers("X: a:b: c\r\n") == Pairs{{"X", "a:b: c"}});
  CHECK(headers("X: caf\xc3\xa9\r\n") == Pairs{{"X", "caf\xc3\xa9"}});
}

TEST_CASE("header values are not percent-decoded") {
  CHECK(headers("X: a%20b%41\r\n").at(0).second == "a%20b%41");
}

TEST_CASE("the library's own names and what it mishandles never get in") {
  CHECK(headers("REMOTE_ADDR: 6.6.6.6\r\nremote_port: 1\r\nLocal_Addr: a\r\nLOCAL_PORT: 2\r\n"
                "Range: bytes=0-1\r\nIf-Range: x\r\nExpect: 100-continue\r\n")
            .empty());
}

TEST_CASE("an escaped line break in a cookie or a referrer does not lock the browser out") {
  // Cookies ignore ports: another program on the same host can have set it.
  CHECK(headers("Cookie: note=a%0Ab\r\nReferer: http://localhost/?q=%0D\r\n").size() == 2);
  CHECK(status("GET / HTTP/1.0\r\nX: note=a%0Ab\r\n\r\n") == 400);
}

TEST_CASE("limits hold to the byte") {
  HeadLimits limits;
  limits.target_bytes = 10;
  limits.body_bytes = 100;
  CHECK(status("GET /123456789 HTTP/1.0\r\n\r\n", limits) == 0);
  CHECK(status("GET /1234567890 HTTP/1.0\r\n\r\n", limits) == 414);
  CHECK(status("POST / HTTP/1.0\r\nContent-Length: 100\r\n\r\n", limits) == 0);
  CHECK(status("POST / HTTP/1.0\r\nContent-Length: 101\r\n\r\n", limits) == 413);
}

TEST_CASE("zeros in front of a length do not change it") {
  CHECK(parsed("POST / HTTP/1.0\r\nContent-Length: 0000000000000000000000012\r\n\r\n")
            .content_length == 12);
}

TEST_CASE("a head that does not end, or ends too early, is refused") {
  CHECK(status("") == 400);
  CHECK(status("GET / HTTP/1.0\r\n") == 400);
  CHECK(status("GET / HTTP/1.0\r\n\r\nmore") == 400);
}

}  // namespace ordercast::http
