#include "base/backoff.h"

#include <catch2/catch.hpp>
#include <set>

namespace ordercast {
namespace {

using std::chrono::milliseconds;

constexpr milliseconds kFloor{10};
constexpr milliseconds kCap{100};

std::uint64_t longest(std::uint64_t bound) {
  return bound;
}
std::uint64_t shortest(std::uint64_t) {
  return 0;
}

TEST_CASE("A back-off doubles its longest delay up to the cap", "[backoff]") {
  Backoff backoff(kFloor, kCap, longest);
  for (const int expected : {20, 40, 80, 100, 100}) {
    CHECK(backoff.next() == milliseconds(expected));
  }
}

TEST_CASE("A back-off never goes below its floor", "[backoff]") {
  Backoff backoff(kFloor, kCap, shortest);
  for (int i = 0; i < 6; ++i) CHECK(backoff.next() == kFloor);
}

TEST_CASE("A back-off starts over after a reset", "[backoff]") {
  Backoff backoff(kFloor, kCap, longest);
  for (int i = 0; i < 4; ++i) static_cast<void>(backoff.next());
  backoff.reset();
  CHECK(backoff.next() == milliseconds(20));
  CHECK(backoff.next() == milliseconds(40));
}

TEST_CASE("The first delay already is drawn from the whole width between floor and ceiling",
          "[backoff]") {
  std::uint64_t asked = 0;
  Backoff backoff(kFloor, kCap, [&asked](std::uint64_t bound) {
    asked = bound;
    return bound / 2;
  });
  CHECK(backoff.next() == milliseconds(15));
  CHECK(asked == 10);
}

TEST_CASE("Random numbers stay within their bound, which they reach", "[backoff]") {
  constexpr std::uint64_t kBound = 3;
  std::set<std::uint64_t> seen;
  // A number is missed with a chance of (3/4)^1000.
  for (int i = 0; i < 1000; ++i) seen.insert(random_up_to(kBound));
  CHECK(seen == std::set<std::uint64_t>{0, 1, 2, 3});
  CHECK(random_up_to(0) == 0);
}

}  // namespace
}  // namespace ordercast
