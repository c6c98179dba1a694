// Exponential back-off with full jitter: the n-th delay is uniform in [floor, min(cap, floor *
// 2^n)], so that many nodes which lost the same server do not come back in step. Confined to one
// thread. Randomness is passed in, so that tests are exact.
#pragma once

#include <chrono>
#include <cstdint>
#include <functional>

namespace ordercast {

class Backoff {
 public:
  using Millis = std::chrono::milliseconds;
  // Returns a number that is uniform in [0, bound].
  using Random = std::function<std::uint64_t(std::uint64_t bound)>;

  Backoff(Millis floor, Millis cap, Random random);

  [[nodiscard]] Millis next();
  void reset() { ceiling_ = floor_; }

 private:
  Millis floor_;
  Millis cap_;
  Millis ceiling_;
  Random random_;
};

// A generator for `Random` that is seeded by the operating system. Thread-safe.
[[nodiscard]] std::uint64_t random_up_to(std::uint64_t bound);

}  // namespace ordercast
