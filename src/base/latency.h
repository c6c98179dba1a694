// How long something took, as a Prometheus histogram: how often it was no longer than each bound,
// and the sum. Thread-safe, without a lock; relaxed, so a reader may see an observation in part.
#pragma once

#include <array>
#include <chrono>
#include <cstddef>
#include <cstdint>

#include "base/counter.h"

namespace ordercast {

class Latency {
 public:
  using Duration = std::chrono::nanoseconds;
  // In seconds: from what a poll of the log takes to what a person would complain about.
  static constexpr std::array kBounds{.001, .0025, .005, .01, .025, .05, .1,
                                      .25,  .5,    1.,   2.5, 5.,   10.};

  // A negative one, of two clocks that disagree, counts as none.
  void observe(Duration duration) noexcept {
    const double seconds = std::chrono::duration<double>(duration).count();
    std::size_t bucket = 0;
    while (bucket < kBounds.size() && seconds > kBounds[bucket]) ++bucket;
    buckets_[bucket].add();
    if (duration > Duration::zero()) nanoseconds_.add(static_cast<std::uint64_t>(duration.count()));
  }

  struct Summary {
    // One for each bound, and one for what was longer than all; not cumulative.
    std::array<std::uint64_t, kBounds.size() + 1> buckets{};
    double sum_seconds = 0;
  };
  [[nodiscard]] Summary summary() const noexcept {
    Summary summary;
    for (std::size_t i = 0; i < buckets_.size(); ++i) summary.buckets[i] = buckets_[i].value();
    summary.sum_seconds = static_cast<double>(nanoseconds_.value()) / 1e9;
    return summary;
  }

 private:
  std::array<Counter, kBounds.size() + 1> buckets_;
  Counter nanoseconds_;
};

}  // namespace ordercast
