#include "app/limit_options.h"

#include <catch2/catch.hpp>
#include <stdexcept>

namespace ordercast::app {
namespace {

using Catch::Contains;
using std::chrono::milliseconds;

TEST_CASE("Without a word about them, the limits are those of the layers", "[limit_options]") {
  const LimitOptions options;
  const http::ServerOptions defaults;
  const auto server = options.server(defaults.max_connections);
  CHECK(server.admission.most_per_client == 100);
  CHECK(server.admission.per_second == 500);
  CHECK(server.request_timeout == defaults.request_timeout);
  CHECK(server.write_stall_timeout == defaults.write_stall_timeout);
  CHECK(server.peer_timeout == defaults.peer_timeout);
  CHECK(server.limits.body_bytes == defaults.limits.body_bytes);
  CHECK(options.streams(defaults.max_connections).most == http::StreamLimitOptions{}.most);
  CHECK(options.streams(100).most == 95);
  CHECK(options.streams(1).most == 1);
  CHECK(options.streams(1).most_per_tenant == 200);
}

TEST_CASE("The limits are read from the command line", "[limit_options]") {
  LimitOptions options;
  CLI::App app;
  options.add_to(app);
  app.parse(
      "--max-streams 5 --max-streams-per-tenant 3 --max-connections-per-address 2 "
      "--connections-per-second 7.5 --connection-burst 9 --request-timeout-ms 1000 "
      "--write-stall-ms 30000 --max-body-bytes 4096 --tenant-history-connections 1 "
      "--trusted-proxy 10.0.0.0/8 --trusted-proxy 127.0.0.1,::1",
      false);
  const auto server = options.server(100);
  CHECK(server.max_connections == 100);
  CHECK(server.admission.most_per_client == 2);
  CHECK(server.admission.per_second == 7.5);
  CHECK(server.admission.burst == 9);
  CHECK(server.admission.trusted_proxies ==
        http::TrustedProxies{*http::AddressRange::parse("10.0.0.0/8"),
                             *http::AddressRange::parse("127.0.0.1"),
                             *http::AddressRange::parse("::1")});
  CHECK(server.request_timeout == milliseconds(1'000));
  CHECK(server.write_stall_timeout == milliseconds(30'000));
  CHECK(server.peer_timeout > server.write_stall_timeout);
  CHECK(server.limits.body_bytes == 4096);
  CHECK(options.streams(100).most == 5);
  CHECK(options.streams(100).most_per_tenant == 3);
  CHECK(options.tenant_history_connections == 1);
  CHECK_THROWS_AS(app.parse("--max-connections-per-address 0", false), CLI::ValidationError);
  CHECK_THROWS_AS(app.parse("--connections-per-second 0", false), CLI::ValidationError);
}

TEST_CASE("A proxy that is no address is refused, with what was expected", "[limit_options]") {
  LimitOptions options;
  options.trusted_proxies = {"10.1.2.3/8"};
  CHECK_THROWS_WITH(options.server(1), Contains("10.1.2.3/8") && Contains("10.0.0.0/8"));
}

}  // namespace
}  // namespace ordercast::app
