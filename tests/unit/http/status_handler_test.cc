#include "http/status_handler.h"

#include <catch2/catch.hpp>

#include "support/http_client.h"
#include "support/hub_fixture.h"

namespace ordercast::http {
namespace {

using Catch::Contains;
using testing::fetch;

TEST_CASE("A process whose fan-out does no rounds any more is not live", "[status]") {
  const auto now = std::chrono::steady_clock::now();
  hub::Hub::Status status;  // without a database
  status.fan_out_last_round = now - kStuck;
  CHECK(liveness(status, now).status == 200);
  status.fan_out_last_round -= std::chrono::seconds(1);
  const auto stuck = liveness(status, now);
  CHECK(stuck.status == 503);
  CHECK(stuck.code == "stuck");
}

TEST_CASE("Readiness says why not, what the layers below know first", "[status]") {
  testing::HubFixture fixture;
  std::optional<NotReady> found;
  Server server;
  add_status_routes(server, fixture.hub, [&found] { return found; });
  server.start("127.0.0.1", 0);
  const auto ask = [&] { return fetch(server.port(), "GET", "/readyz"); };

  CHECK(ask().status == 200);
  fixture.hub.set_database_up(false);
  CHECK(ask().status == 503);
  CHECK_THAT(ask().body, Contains("database_down"));
  found = {"schema_too_old", "run migrate"};
  CHECK_THAT(ask().body, Contains("schema_too_old") && Contains("run migrate"));
  fixture.hub.drain(std::chrono::milliseconds(0));
  CHECK_THAT(ask().body, Contains("draining"));
  CHECK(fetch(server.port(), "GET", "/livez").status == 200);
  server.stop();
}

}  // namespace
}  // namespace ordercast::http
