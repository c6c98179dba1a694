#include "base/descriptor_limit.h"

#include <sys/resource.h>

#include <catch2/catch.hpp>

namespace ordercast {
namespace {

TEST_CASE("The soft limit of descriptors is raised to the hard one", "[descriptor_limit]") {
  rlimit before{};
  REQUIRE(::getrlimit(RLIMIT_NOFILE, &before) == 0);
  const rlimit low{.rlim_cur = 256, .rlim_max = before.rlim_max};
  REQUIRE(::setrlimit(RLIMIT_NOFILE, &low) == 0);
  CHECK(raise_descriptor_limit() == before.rlim_max);
  rlimit after{};
  REQUIRE(::getrlimit(RLIMIT_NOFILE, &after) == 0);
  CHECK(after.rlim_cur == before.rlim_max);
  CHECK(::setrlimit(RLIMIT_NOFILE, &before) == 0);
}

}  // namespace
}  // namespace ordercast
