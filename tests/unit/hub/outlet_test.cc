#include "hub/outlet.h"

#include <catch2/catch.hpp>

#include "support/socket_outlet.h"

namespace ordercast::hub {
namespace {

using testing::SocketOutlet;

const std::optional<std::string> kAll;

Frames frames(std::string_view text) {
  return Frames(text);
}

TEST_CASE("A socket with room takes all", "[outlet]") {
  SocketOutlet client;
  CHECK_FALSE(client.outlet().offer(frames("data: 1\n\n")).has_value());
  CHECK_FALSE(client.outlet().offer(frames("data: 2\n\n")).has_value());
  CHECK(client.received() == "data: 1\n\ndata: 2\n\n");
}

TEST_CASE("A full socket takes a part, or none, and does not block", "[outlet]") {
  SocketOutlet client;
  const auto large = frames(std::string(std::size_t{8} << 20, 'x'));
  const auto taken = client.outlet().offer(large);
  REQUIRE(taken.has_value());
  CHECK(*taken > 0);
  CHECK(client.received().size() == *taken);
  client.fill();
  CHECK(client.outlet().offer(frames("data: 1\n\n")) == 0);
}

TEST_CASE("A broken connection takes none, and raises no signal", "[outlet]") {
  CHECK(Outlet(-1, Framing::kChunked, kAll).offer(frames("data: 1\n\n")) == 0);
}

}  // namespace
}  // namespace ordercast::hub
