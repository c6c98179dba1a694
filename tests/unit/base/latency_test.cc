#include "base/latency.h"

#include <catch2/catch.hpp>
#include <numeric>

namespace ordercast {
namespace {

using namespace std::chrono_literals;

TEST_CASE("A duration is in the bucket of the first bound that it is not longer than",
          "[latency]") {
  Latency latency;
  latency.observe(1ms);  // the first bound itself
  latency.observe(1001us);
  latency.observe(60s);  // longer than all
  latency.observe(-5s);  // of two clocks that disagree
  const auto summary = latency.summary();
  CHECK(summary.buckets.front() == 2);
  CHECK(summary.buckets[1] == 1);
  CHECK(summary.buckets.back() == 1);
  CHECK(std::accumulate(summary.buckets.begin(), summary.buckets.end(), 0u) == 4);
  CHECK(summary.sum_seconds == Approx(60.002001));
}

}  // namespace
}  // namespace ordercast
