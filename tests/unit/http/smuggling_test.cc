// docs/security.md row 18: whatever the shape of a message, it is answered once at most, and
// nothing that is hidden in it is executed. The same shapes behind nginx:
// integration/proxy_smuggling_test.cc.
#include <catch2/catch.hpp>
#include <string>
#include <vector>

#include "support/http_client.h"
#include "support/smuggling_shapes.h"
#include "support/test_site.h"

namespace ordercast::testing {
namespace {

void check(TestSite& site, const std::vector<SmugglingShape>& shapes) {
  for (const auto& shape : shapes) {
    INFO(shape.name);
    const auto responses = round_trip(site.port(), shape.bytes);
    REQUIRE(responses.size() == 1);
    CHECK(responses[0].status == shape.status);
    CHECK(responses[0].complete);
    CHECK(responses[0].header("Connection") == "close");
    if (shape.status >= 400) CHECK_THAT(responses[0].body, Catch::Contains(R"("code":")"));
    CHECK(site.smuggled() == 0);
  }
}

}  // namespace

TEST_CASE("no odd line end makes a second request") {
  TestSite site;
  check(site, line_end_shapes());
}

TEST_CASE("no odd header makes a second request") {
  TestSite site;
  check(site, header_shapes());
}

TEST_CASE("no odd framing makes a second request") {
  TestSite site;
  check(site, framing_shapes());
}

TEST_CASE("no odd request line makes a second request") {
  TestSite site;
  check(site, request_line_shapes());
}

TEST_CASE("CVE-2026-34441: a request that comes later on the same connection is not executed") {
  TestSite site;
  RawConnection connection(site.port());
  // The library reads the body of a GET as the next request.
  connection.send(
      "GET /echo HTTP/1.1\r\nHost: x\r\nContent-Length: 35\r\nConnection: keep-alive\r\n\r\n");
  CHECK(connection.silent_for(std::chrono::milliseconds(50)));
  connection.send(std::string(kHiddenRequest) + kHiddenRequest);
  CHECK(parse_responses(connection.read_to_end()).size() == 1);
  CHECK(site.smuggled() == 0);
}

}  // namespace ordercast::testing
