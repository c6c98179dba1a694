#include "load/histogram.h"

#include <catch2/catch.hpp>
#include <limits>

using ordercast::load::Histogram;

TEST_CASE("a quantile is within one per cent, from nanoseconds to hours") {
  for (std::int64_t value = 1; value < 20'000'000'000'000; value = value * 3 + 1) {
    Histogram histogram;
    histogram.add(value);
    CHECK(static_cast<double>(histogram.quantile(0.5)) ==
          Approx(static_cast<double>(value)).epsilon(0.01));
  }
}

TEST_CASE("quantiles cut a series where they should") {
  Histogram histogram;
  for (int value = 1; value <= 200; ++value) histogram.add(value);
  CHECK(histogram.quantile(0) == 1);
  CHECK(histogram.quantile(0.5) == 100);
  CHECK(histogram.quantile(0.99) == 198);
  CHECK(histogram.quantile(1) == 200);
  CHECK(histogram.count() == 200);
}

TEST_CASE("the ends of the range are counted") {
  Histogram histogram;
  CHECK(histogram.quantile(0.5) == 0);
  histogram.add(-5);
  histogram.add(std::numeric_limits<std::int64_t>::max());
  CHECK(histogram.quantile(0.5) == 0);
  CHECK(histogram.quantile(1) > std::numeric_limits<std::int64_t>::max() / 2);
}
