#include "base/tally.h"

#include <catch2/catch.hpp>

namespace ordercast {
namespace {

TEST_CASE("Reasons that are known are there with 0, others when they first come", "[tally]") {
  Tally tally{"drain", "error"};
  CHECK(tally.counts() == Tally::Counts{{"drain", 0}, {"error", 0}});
  tally.add("drain");
  tally.add("drain", 3);
  tally.add("expired");
  CHECK(tally.counts() == Tally::Counts{{"drain", 4}, {"error", 0}, {"expired", 1}});
}

}  // namespace
}  // namespace ordercast
