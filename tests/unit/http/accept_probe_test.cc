#include "http/accept_probe.h"

#include <catch2/catch.hpp>
#include <chrono>

#include "http/server.h"
#include "support/http_client.h"

namespace ordercast::http {
namespace {

constexpr auto kLimit = testing::kPatience;
// Of what cannot be true: it is always waited for.
constexpr std::chrono::milliseconds kShortLimit{200};

TEST_CASE("A server takes connections, whatever it answers", "[probe]") {
  const std::string host = GENERATE("127.0.0.1", "0.0.0.0", "::1", "::");
  ServerOptions options;
  SECTION("it serves all") {}
  SECTION("it turns all away") {
    options.max_connections = 0;
  }
  Server server(options);
  server.start(host, 0);
  CHECK(server.takes_connections(kLimit));
}

TEST_CASE("A socket from which nobody takes them does not", "[probe]") {
  const UniqueFd listening = listen_on("127.0.0.1", 0, 16);
  CHECK_FALSE(takes_connections(local_address(listening.get()), kShortLimit));
}

TEST_CASE("Where nobody listens there is no server", "[probe]") {
  UniqueFd listening = listen_on("127.0.0.1", 0, 16);
  const auto address = local_address(listening.get());
  listening.reset();
  CHECK_FALSE(takes_connections(address, kLimit));
}

}  // namespace
}  // namespace ordercast::http
