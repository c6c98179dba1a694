#include "load/deliveries.h"

#include <catch2/catch.hpp>

using namespace ordercast::load;

namespace {

constexpr std::int64_t kMs = 1'000'000;

}  // namespace

TEST_CASE("first and last are of an event's receivers, the median of the events") {
  Deliveries deliveries(1, 3);
  for (std::uint64_t seq = 1; seq <= 3; ++seq) {
    const auto sent = static_cast<std::int64_t>(seq) * 1000 * kMs;
    const auto delay = static_cast<std::int64_t>(seq) * kMs;
    deliveries.add({seq, sent}, sent + delay);
    deliveries.add({seq, sent}, sent + 10 * delay);
  }
  const auto latency = deliveries.latency();
  CHECK(latency.first == Approx(2));
  CHECK(latency.last == Approx(20));
  CHECK(latency.p99 == Approx(30).epsilon(0.01));
  CHECK(deliveries.count() == 6);
  CHECK(deliveries.last_ns() == 3030 * kMs);
}

TEST_CASE("with an origin all ages count from there") {
  Deliveries deliveries(1, 2, 100 * kMs);
  deliveries.add({1, 999}, 101 * kMs);
  deliveries.add({2, 999}, 109 * kMs);
  CHECK(deliveries.latency().first == Approx(1));
  CHECK(deliveries.latency().last == Approx(9));
}

TEST_CASE("events outside the window are not counted, without a window all are") {
  Deliveries window(5, 6);
  window.add({4, 0}, 1);
  window.add({7, 0}, 1);
  CHECK(window.count() == 0);
  CHECK(window.latency().last == 0);
  Deliveries all;
  all.add({7, 0}, 3 * kMs);
  CHECK(all.latency().median == Approx(3).epsilon(0.01));
}
