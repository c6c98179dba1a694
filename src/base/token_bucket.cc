#include "base/token_bucket.h"

#include <algorithm>

namespace ordercast {

void TokenBucket::set_rate(double per_second, double burst) {
  per_second_ = per_second;
  burst_ = burst;
  tokens_ = std::min(tokens_, burst);
}

bool TokenBucket::take(Time now) {
  const std::chrono::duration<double> passed = now - filled_;
  filled_ = now;
  tokens_ = std::min(burst_, tokens_ + passed.count() * per_second_);
  if (tokens_ < 1) return false;
  tokens_ -= 1;
  return true;
}

}  // namespace ordercast
