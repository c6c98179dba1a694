#include "http/server.h"

#include <catch2/catch.hpp>
#include <nlohmann/json.hpp>
#include <string>

#include "support/http_client.h"
#include "support/test_site.h"

namespace ordercast::testing {
namespace {

using nlohmann::json;

// The one response to a raw request.
HttpResponse answer(const TestSite& site, const std::string& bytes) {
  auto responses = round_trip(site.port(), bytes);
  REQUIRE(responses.size() == 1);
  return responses[0];
}

}  // namespace

TEST_CASE("a route sees method, path, query, headers and body") {
  TestSite site;
  const auto response = fetch(site.port(), "POST", "/echo?b=1&a=%C3%A4+x&b=2", "{\"n\":1}",
                              {{"X-One", "1"}, {"Content-Type", "application/json"}});
  CHECK(response.status == 200);
  const auto seen = json::parse(response.body);
  CHECK(seen["method"] == "POST");
  CHECK(seen["path"] == "/echo");
  CHECK(seen["params"] == json::array({{"b", "1"}, {"a", "\xc3\xa4 x"}, {"b", "2"}}));
  CHECK(seen["body"] == "{\"n\":1}");
  CHECK(seen["remote"] == "127.0.0.1");
  CHECK(seen["http_1_0"] == false);
  CHECK(seen["headers"][1] == json::array({"X-One", "1"}));
}

TEST_CASE("a route with a parameter gets it decoded") {
  TestSite site;
  const auto seen = json::parse(fetch(site.port(), "GET", "/items/a%2Fb%20c").body);
  CHECK(seen["parameter"] == "a/b c");
  CHECK(seen["path"] == "/items/a/b c");
}

TEST_CASE("every answer is whole, closes, and carries the security headers") {
  TestSite site;
  for (const char* target : {"/echo", "/nope", "/echo?%", "/stream/three", "/throw/int"}) {
    INFO(target);
    const auto response = fetch(site.port(), "GET", target);
    CHECK(response.header("Connection") == "close");
    CHECK(response.header("X-Content-Type-Options") == "nosniff");
    CHECK(response.header("Referrer-Policy") == "no-referrer");
  }
}

TEST_CASE("HEAD has the head of GET and no body") {
  TestSite site;
  const auto got = fetch(site.port(), "GET", "/items/7");
  const auto head = answer(site, "HEAD /items/7 HTTP/1.1\r\nHost: localhost\r\n\r\n");
  CHECK(head.status == 200);
  CHECK(head.header("Content-Type") == "application/json");
  CHECK(head.header("Content-Length"));
  CHECK(got.header("Content-Length"));
  const auto refused = answer(site, "HEAD /% HTTP/1.1\r\nHost: localhost\r\n\r\n");
  CHECK(refused.status == 400);
}

TEST_CASE("wrong paths and methods are JSON errors") {
  TestSite site;
  const auto missing = fetch(site.port(), "GET", "/nope");
  CHECK(missing.status == 404);
  CHECK(json::parse(missing.body)["code"] == "not_found");
  const auto wrong = fetch(site.port(), "DELETE", "/smuggled");
  CHECK(wrong.status == 405);
  CHECK(wrong.header("Allow") == "GET, HEAD, OPTIONS");
  CHECK(json::parse(wrong.body)["code"] == "method_not_allowed");
}

TEST_CASE("compression is not for clients to ask for") {
  // The library would compress anew for each request, brotli at its slowest.
  TestSite site;
  const auto response =
      fetch(site.port(), "GET", "/echo", {}, {{"Accept-Encoding", "gzip, br, deflate"}});
  CHECK_FALSE(response.header("Content-Encoding"));
  CHECK(json::parse(response.body)["method"] == "GET");
}

TEST_CASE("a stream is chunked for HTTP/1.1 and ends properly") {
  TestSite site;
  EventStreamClient stream(site.port(), "/stream/three");
  CHECK(stream.response().status == 200);
  CHECK(stream.response().header("Content-Type") == "text/event-stream");
  CHECK(stream.response().header("Transfer-Encoding") == "chunked");
  CHECK(stream.response().header("Cache-Control") == "no-store, no-transform");
  for (const char* data : {"1", "2", "3"}) CHECK(stream.next()->data == data);
  CHECK_FALSE(stream.next());
  CHECK(stream.ended_properly());
}

TEST_CASE("a stream for HTTP/1.0 is plain and ends with the connection") {
  TestSite site;
  const auto response = answer(site, "GET /stream/three HTTP/1.0\r\n\r\n");
  CHECK_FALSE(response.header("Transfer-Encoding"));
  CHECK(response.body == "data: 1\n\ndata: 2\n\ndata: 3\n\n");
}

TEST_CASE("HEAD of a stream is its head, and nothing runs") {
  TestSite site;
  const auto head = answer(site, "HEAD /stream/hold HTTP/1.1\r\nHost: localhost\r\n\r\n");
  CHECK(head.status == 200);
  CHECK(head.header("Content-Type") == "text/event-stream");
}

TEST_CASE("a stream whose client hangs up ends, and leaves no connection behind") {
  TestSite site;
  {
    EventStreamClient stream(site.port(), "/stream/hold");
    CHECK(stream.next()->data == "open");
    CHECK(site.server().counters().open_connections == 1);
  }
  CHECK(eventually([&] { return site.server().counters().open_connections == 0; }));
}

TEST_CASE("a stream client that takes nothing is cut after the stall timeout") {
  http::ServerOptions options;
  options.write_stall_timeout = std::chrono::milliseconds(100);
  TestSite site(options);
  RawConnection client(site.port());
  client.send("GET /stream/flood HTTP/1.1\r\nHost: localhost\r\n\r\n");
  CHECK(eventually([&] { return site.stalls() == 1; }));
  CHECK(eventually([&] { return site.server().counters().open_connections == 0; }));
}

TEST_CASE("limits that change hold for the connections that come from then on") {
  TestSite site;
  RawConnection early(site.port());
  early.send("POST /echo HTTP/1.1\r\n");
  REQUIRE(eventually([&] { return site.server().counters().open_connections == 1; }));
  http::ServerOptions options;
  options.limits.body_bytes = 100;
  options.write_stall_timeout = std::chrono::milliseconds(100);
  site.server().set_limits(options);
  CHECK(fetch(site.port(), "POST", "/echo", std::string(101, 'x')).status == 413);
  CHECK(fetch(site.port(), "POST", "/echo", std::string(100, 'x')).status == 200);
  RawConnection flood(site.port());
  flood.send("GET /stream/flood HTTP/1.1\r\nHost: localhost\r\n\r\n");
  CHECK(eventually([&] { return site.stalls() == 1; }));
}

TEST_CASE("an answer is not destroyed by what the client is still sending") {
  TestSite site;
  RawConnection client(site.port());
  // The refusal comes after the head, while most of the body is still on its way.
  client.send("POST /echo HTTP/1.1\r\nHost: localhost\r\nContent-Length: 200000\r\n\r\n" +
              std::string(200'000, 'x'));
  const auto responses = parse_responses(client.read_to_end());
  REQUIRE(responses.size() == 1);
  CHECK(responses[0].status == 413);
  CHECK(responses[0].complete);
}

TEST_CASE("a client that ends its side after the request still gets the answer") {
  TestSite site;
  RawConnection client(site.port());
  client.send("GET /echo HTTP/1.1\r\nHost: localhost\r\n\r\n");
  client.end_sending();
  CHECK(parse_responses(client.read_to_end()).size() == 1);
}

TEST_CASE("IPv6 is served and named") {
  TestSite site({}, "::1");
  CHECK(site.server().url() == "http://[::1]:" + std::to_string(site.port()));
  RawConnection client(site.port(), "::1");
  client.send("GET /echo HTTP/1.1\r\nHost: [::1]\r\n\r\n");
  const auto responses = parse_responses(client.read_to_end());
  REQUIRE(responses.size() == 1);
  CHECK(json::parse(responses[0].body)["remote"] == "::1");
}

TEST_CASE("stop ends streams, closes the port and may be called twice") {
  TestSite site;
  EventStreamClient stream(site.port(), "/stream/hold");
  CHECK(stream.next()->data == "open");
  CHECK(site.server().stop());
  CHECK_FALSE(stream.next());
  CHECK_THROWS(RawConnection(site.port()));
  CHECK(site.server().stop());
}

TEST_CASE("a second server on the port is refused with a text that helps") {
  TestSite site;
  http::Server second;
  CHECK_THROWS_WITH(second.start("127.0.0.1", site.port()),
                    Catch::Contains("address in use") && Catch::Contains("another port"));
  CHECK(fetch(site.port(), "GET", "/echo").status == 200);
}

TEST_CASE("the client's address comes from the socket, never from a header") {
  // docs/security.md row 32
  TestSite site;
  const auto response =
      fetch(site.port(), "GET", "/echo", {},
            {{"REMOTE_ADDR", "6.6.6.6"}, {"REMOTE_PORT", "1"}, {"LOCAL_ADDR", "6.6.6.6"}});
  CHECK(json::parse(response.body)["remote"] == "127.0.0.1");
  CHECK(response.body.find("6.6.6.6") == response.body.npos);
}

}  // namespace ordercast::testing
