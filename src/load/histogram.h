// Counts of durations in buckets that are within 1 % of the value, from nanoseconds to hours, in a
// fixed 57 KiB however many are counted (the idea of HdrHistogram). Value type.
#pragma once

#include <cstddef>
#include <cstdint>
#include <vector>

namespace ordercast::load {

class Histogram {
 public:
  Histogram() : counts_(kBuckets) {}

  // A negative value counts as 0.
  void add(std::int64_t nanoseconds);
  [[nodiscard]] std::uint64_t count() const { return total_; }
  // The value that the share `quantile` (0 to 1) does not exceed; 0 when nothing was counted.
  [[nodiscard]] std::int64_t quantile(double quantile) const;
  void clear();

 private:
  // 128 buckets for each power of two.
  static constexpr int kPrecisionBits = 7;
  static constexpr std::size_t kBuckets = (64 - kPrecisionBits) << kPrecisionBits;
  [[nodiscard]] static std::size_t bucket_of(std::uint64_t value);
  [[nodiscard]] static std::uint64_t middle_of(std::size_t bucket);

  std::vector<std::uint64_t> counts_;
  std::uint64_t total_ = 0;
};

}  // namespace ordercast::load
