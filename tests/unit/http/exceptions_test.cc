// docs/security.md row 19: whatever a handler throws, the process lives and the client learns
// nothing.
#include <catch2/catch.hpp>
#include <stdexcept>
#include <string>

#include "support/http_client.h"
#include "support/test_site.h"

namespace ordercast::testing {

TEST_CASE("a handler that throws anything is a 500 that says nothing of it") {
  TestSite site;
  for (const auto& kind : throw_kinds()) {
    INFO(kind);
    const auto response = fetch(site.port(), "GET", "/throw/" + kind);
    CHECK(response.status == 500);
    CHECK_THAT(response.body, Catch::Contains(R"("code":"internal_error")"));
    CHECK(response.head.find("hunter2") == response.head.npos);
    CHECK(response.body.find("hunter2") == response.body.npos);
    // CVE-2026-28434
    CHECK_FALSE(response.header("EXCEPTION_WHAT"));
    CHECK_FALSE(response.header("Set-Cookie"));
  }
  CHECK(fetch(site.port(), "GET", "/echo").status == 200);
}

TEST_CASE("a session that throws anything ends its stream, visibly torn, and nothing else") {
  TestSite site;
  for (const auto& kind : throw_kinds()) {
    INFO(kind);
    EventStreamClient stream(site.port(), "/stream/throw/" + kind);
    CHECK(stream.response().status == 200);
    CHECK(stream.next()->data == "before");
    CHECK_FALSE(stream.next());
    CHECK_FALSE(stream.ended_properly());
  }
  CHECK(fetch(site.port(), "GET", "/echo").status == 200);
}

TEST_CASE("nothing of an exception is in the bytes of a torn stream") {
  TestSite site;
  for (const auto& kind : throw_kinds()) {
    INFO(kind);
    RawConnection client(site.port());
    client.send("GET /stream/throw/" + kind + " HTTP/1.1\r\nHost: x\r\n\r\n");
    const auto bytes = client.read_to_end();
    CHECK(bytes.ends_with("data: before\n\n\r\n"));
    CHECK(bytes.find("hunter2") == bytes.npos);
  }
}

TEST_CASE("a stream handler that throws before its session is a 500") {
  http::Server server;
  server.route_stream(
      "/s", [](const http::Request&) -> http::StreamAnswer { throw std::runtime_error(kSecret); });
  server.start("127.0.0.1", 0);
  const auto response = fetch(server.port(), "GET", "/s");
  CHECK(response.status == 500);
  CHECK(response.body.find("hunter2") == response.body.npos);
}

}  // namespace ordercast::testing
