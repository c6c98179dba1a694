#include "load/histogram.h"

#include <algorithm>
#include <bit>
#include <cmath>

namespace ordercast::load {

std::size_t Histogram::bucket_of(std::uint64_t value) {
  // Below 2^8 each value has its own; above, the leading 8 bits decide.
  const int shift = std::max(0, static_cast<int>(std::bit_width(value)) - kPrecisionBits - 1);
  return (static_cast<std::size_t>(shift) << kPrecisionBits) + (value >> shift);
}

std::uint64_t Histogram::middle_of(std::size_t bucket) {
  constexpr std::size_t kExact = std::size_t{2} << kPrecisionBits;
  if (bucket < kExact) return bucket;
  const auto shift = (bucket >> kPrecisionBits) - 1;
  const auto leading = bucket - (shift << kPrecisionBits);
  return (std::uint64_t{leading} << shift) + (std::uint64_t{1} << shift) / 2;
}

void Histogram::add(std::int64_t nanoseconds) {
  ++counts_[bucket_of(static_cast<std::uint64_t>(std::max<std::int64_t>(nanoseconds, 0)))];
  ++total_;
}

std::int64_t Histogram::quantile(double quantile) const {
  if (total_ == 0) return 0;
  auto left = std::max<std::uint64_t>(
      1, static_cast<std::uint64_t>(std::ceil(quantile * static_cast<double>(total_))));
  for (std::size_t bucket = 0; bucket < kBuckets; ++bucket) {
    if (counts_[bucket] >= left) return static_cast<std::int64_t>(middle_of(bucket));
    left -= counts_[bucket];
  }
  return 0;
}

void Histogram::clear() {
  std::fill(counts_.begin(), counts_.end(), 0);
  total_ = 0;
}

}  // namespace ordercast::load
