#include "core/epoch.h"

#include <catch2/catch.hpp>

namespace ordercast {
namespace {

constexpr const char* kSystem = "7345678901234567890";
constexpr const char* kUuid = "6f1c1f9e-9d3f-4d0b-8a55-2f4f4f8b6a10";
constexpr const char* kTimeline = "00000001";

TEST_CASE("An epoch is the same for every node and release", "[epoch]") {
  // Cursors that browsers hold carry it: another value would reset every client.
  CHECK(Epoch::of(kSystem, kUuid, kTimeline).text() == "5a0961ba2d1b");
}

TEST_CASE("Another cluster, installation or timeline is another epoch", "[epoch]") {
  const auto epoch = Epoch::of(kSystem, kUuid, kTimeline);
  CHECK(epoch == Epoch::of(kSystem, kUuid, kTimeline));
  CHECK_FALSE(epoch == Epoch::of("7345678901234567891", kUuid, kTimeline));
  CHECK_FALSE(epoch == Epoch::of(kSystem, "6f1c1f9e-9d3f-4d0b-8a55-2f4f4f8b6a11", kTimeline));
  CHECK_FALSE(epoch == Epoch::of(kSystem, kUuid, "00000002"));
  CHECK_FALSE(Epoch::of("12", "3", "4") == Epoch::of("1", "23", "4"));
  CHECK_FALSE(Epoch::of("1", "23", "4") == Epoch::of("1", "2", "34"));
}

TEST_CASE("An epoch is 48 bits, and never the unknown one", "[epoch]") {
  for (int i = 0; i < 1000; ++i) {
    const auto epoch = Epoch::of(std::to_string(i), kUuid, kTimeline);
    CHECK(epoch.id != 0);
    CHECK(epoch.id >> (8 * Epoch::kBytes) == 0);
  }
}

TEST_CASE("An epoch's text has twelve hex digits", "[epoch]") {
  CHECK(Epoch{0}.text() == "000000000000");
  CHECK(Epoch{0xabc}.text() == "000000000abc");
  CHECK(Epoch{0xfedcba987654}.text() == "fedcba987654");
}

}  // namespace
}  // namespace ordercast
