#include "base/backoff.h"

#include <algorithm>
#include <random>
#include <utility>

namespace ordercast {

Backoff::Backoff(Millis floor, Millis cap, Random random)
    : floor_(floor), cap_(cap), ceiling_(floor), random_(std::move(random)) {}

Backoff::Millis Backoff::next() {
  ceiling_ = std::min(cap_, ceiling_ * 2);
  const auto width = static_cast<std::uint64_t>((ceiling_ - floor_).count());
  const Millis delay = floor_ + Millis(random_(width));
  return delay;
}

std::uint64_t random_up_to(std::uint64_t bound) {
  thread_local std::mt19937_64 engine{std::random_device{}()};
  return std::uniform_int_distribution<std::uint64_t>(0, bound)(engine);
}

}  // namespace ordercast
