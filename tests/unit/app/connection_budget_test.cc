#include "app/connection_budget.h"

#include <catch2/catch.hpp>

#include "http/server_options.h"

namespace ordercast::app {
namespace {

TEST_CASE("The default always has room, and is no more than is measured", "[connection_budget]") {
  const std::size_t kMost = http::ServerOptions{}.max_connections;
  CHECK(default_connections(1'000'000) == kMost);
  CHECK(default_connections(kMost) == kMost - 200);
  CHECK(default_connections(1024) == 824);
  for (const std::size_t descriptors : {201U, 1024U, 20'000U, 20'200U, 1'000'000U}) {
    CHECK(has_room(descriptors, default_connections(descriptors)));
  }
  CHECK_FALSE(has_room(1024, 825));
}

TEST_CASE("Without room for a single connection one is tried all the same", "[connection_budget]") {
  for (const std::size_t descriptors : {0U, 10U, 200U}) {
    CHECK(default_connections(descriptors) == 1);
    CHECK_FALSE(has_room(descriptors, 1));
  }
}

}  // namespace
}  // namespace ordercast::app
