// How often something may happen: so many times a second in the long run, and so many at once after
// a quiet time. Confined to its owner's thread.
#pragma once

#include <chrono>

namespace ordercast {

class TokenBucket {
 public:
  using Time = std::chrono::steady_clock::time_point;

  // Full at first. `burst` at least 1.
  TokenBucket(double per_second, double burst)
      : per_second_(per_second), burst_(burst), tokens_(burst) {}

  // From now on; what is in it stays, as far as it may.
  void set_rate(double per_second, double burst);

  // Whether it may happen now; then it does. `now` never goes back.
  [[nodiscard]] bool take(Time now);

 private:
  double per_second_;
  double burst_;
  double tokens_;
  Time filled_{};  // when tokens_ was right; the epoch until the first call: it is full anyhow
};

}  // namespace ordercast
