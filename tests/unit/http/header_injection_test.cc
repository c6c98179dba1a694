// docs/security.md row 8: nothing that a client sends becomes a header line of an answer, and no
// handler can break an answer by accident.
#include <algorithm>
#include <catch2/catch.hpp>
#include <string>
#include <vector>

#include "support/http_client.h"
#include "support/test_site.h"

namespace ordercast::testing {
namespace {

const std::vector<std::string> kCarriers = {
    "X-Any",  "Last-Event-ID",   "Authorization", "User-Agent", "Accept",
    "Origin", "X-Forwarded-For", "If-None-Match", "Cookie",     "Referer"};

// Line breaks as attackers write them, in front of a header line of their own.
std::vector<std::string> payloads() {
  std::vector<std::string> all;
  for (const char* line_break : {"%0d%0a",
                                 "%0D%0A",
                                 "%0a",
                                 "%0A",
                                 "%0d",
                                 "%0D",
                                 "%00",
                                 "%0d%0a%0d%0a",
                                 "%u000d%u000a",
                                 "%u000D",
                                 "%u000A",
                                 "%u0000",
                                 "%%0d0a",
                                 "%25%30%64%250a",
                                 "%250d%250a",
                                 "\xe5\x98\x8d\xe5\x98\x8a",
                                 "\xc4\x8d\xc4\x8a",
                                 "\\r\\n",
                                 "%E5%98%8D%E5%98%8A",
                                 "\xe2\x80\xa8"}) {
    all.push_back("a" + std::string(line_break) + "Set-Cookie: owned=1");
  }
  return all;
}

// Reflects all it can into headers of its answer, as the most careless handler would.
http::Response reflect(const http::Request& request) {
  http::Response response{.body = "{}"};
  for (const auto& carrier : kCarriers) {
    if (const auto value = request.header(carrier)) {
      response.headers.push_back({"X-Reflected", std::string(*value)});
    }
  }
  for (const auto& param : request.params) {
    response.headers.push_back({"X-Reflected", param.value});
  }
  return response;
}

class Reflecting {
 public:
  Reflecting() {
    server_.route("GET", "/reflect", reflect);
    server_.route("GET", "/name", [](const http::Request&) {
      return http::Response{.body = "{}", .headers = {{"X: a\r\nSet-Cookie", "owned=1"}}};
    });
    server_.route("GET", "/type", [](const http::Request&) {
      return http::Response{.content_type = "text/plain\r\nSet-Cookie: owned=1", .body = "x"};
    });
    server_.route_stream("/stream", [](const http::Request& request) -> http::StreamAnswer {
      return http::StreamSession{.content_type = "text/event-stream",
                                 .headers = reflect(request).headers,
                                 .run = [](http::StreamWriter&) {}};
    });
    server_.start("127.0.0.1", 0);
  }
  [[nodiscard]] std::uint16_t port() const { return server_.port(); }

 private:
  http::Server server_;
};

std::size_t lines(const std::string& head) {
  return static_cast<std::size_t>(std::count(head.begin(), head.end(), '\n'));
}

}  // namespace

TEST_CASE("two hundred header payloads add no header line to an answer") {
  const Reflecting server;
  const auto clean = fetch(server.port(), "GET", "/reflect", {}, {{"X-Any", "a"}});
  int tried = 0;
  for (const auto& carrier : kCarriers) {
    for (const auto& payload : payloads()) {
      INFO(carrier << ": " << payload);
      ++tried;
      const auto response = fetch(server.port(), "GET", "/reflect", {}, {{carrier, payload}});
      CHECK_FALSE(response.header("Set-Cookie"));
      CHECK(lines(response.head) <= lines(clean.head));
    }
  }
  CHECK(tried == 200);
}

TEST_CASE("encoded control characters in headers that we read are refused") {
  const Reflecting server;
  for (const char* name : {"Last-Event-ID", "Authorization", "Origin", "X-Forwarded-For"}) {
    for (const char* value : {"a%0d%0ab", "a%0Ab", "a%00", "%u000a"}) {
      INFO(name << ": " << value);
      CHECK(fetch(server.port(), "GET", "/reflect", {}, {{name, value}}).status == 400);
    }
  }
}

TEST_CASE("a handler that puts a line break into a header makes a 500, not a header") {
  const Reflecting server;
  for (const char* target : {"/reflect?a=x%0d%0aSet-Cookie:%20owned=1", "/name", "/type",
                             "/stream?a=x%0aSet-Cookie:%20owned=1"}) {
    INFO(target);
    const auto response = fetch(server.port(), "GET", target);
    CHECK(response.status == 500);
    CHECK_FALSE(response.header("Set-Cookie"));
  }
}

}  // namespace ordercast::testing
