#include "http/metrics_handler.h"

#include <fmt/format.h>

#include <catch2/catch.hpp>
#include <string>

#include "support/http_client.h"

namespace ordercast::http {
namespace {

using testing::round_trip;

int status_for(const Server& server, const std::string& host, const std::string& header = "") {
  const auto answers = round_trip(
      server.port(), fmt::format("GET /metrics HTTP/1.1\r\nHost: {}\r\n{}\r\n", host, header));
  return answers.at(0).status;
}

TEST_CASE("On the port of the streams the metrics are for who asks on this machine", "[metrics]") {
  Server server;
  add_metrics_route(server, MetricsAudience::kThisMachine, [] { return "up 1\n"; });
  server.start("127.0.0.1", 0);
  for (const auto* host :
       {"localhost", "localhost:8080", "127.0.0.1:1", "127.1.2.3", "[::1]:8080"}) {
    INFO(host);
    CHECK(status_for(server, host) == 200);
  }
  // A proxy's, and a page's whose name was made to resolve to 127.0.0.1.
  for (const auto* host :
       {"shop.example", "127.0.0.1.shop.example", "shop.example:8080", "[::2]"}) {
    INFO(host);
    CHECK(status_for(server, host) == 404);
  }
  for (const auto* name :
       {"Forwarded", "Via", "X-Forwarded-For", "x-forwarded-proto", "X-Real-IP"}) {
    INFO(name);
    CHECK(status_for(server, "localhost", fmt::format("{}: for=10.0.0.1\r\n", name)) == 404);
  }
  server.stop();
}

TEST_CASE("On a port of their own they are for who reaches it", "[metrics]") {
  Server server;
  add_metrics_route(server, MetricsAudience::kAnybody, [] { return "up 1\n"; });
  server.start("127.0.0.1", 0);
  CHECK(status_for(server, "node-1.internal:9464", "X-Forwarded-For: 10.0.0.1\r\n") == 200);
  const auto answer = testing::fetch(server.port(), "GET", "/metrics");
  CHECK(answer.header("Content-Type") == "text/plain; version=0.0.4; charset=utf-8");
  CHECK(answer.header("Cache-Control") == "no-store");
  CHECK(answer.body == "up 1\n");
  server.stop();
}

}  // namespace
}  // namespace ordercast::http
