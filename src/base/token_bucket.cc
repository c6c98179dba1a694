#include "base/token_bucket.h"

#include <algorithm>

namespace ordercast {

bool TokenBucket::take(Time now) {
  const std::chrono::duration<double> passed = now - filled_;
  filled_ = now;
  tokens_ = std::min(burst_, tokens_ + passed.count() * per_second_);
  if (tokens_ < 1) return false;
  tokens_ -= 1;
  return true;
}

}  // namespace ordercast
