// Numbers that only grow, one for each reason: why streams ended, why requests were refused. For
// what happens per request or stream, not per event: it takes a lock. Thread-safe.
//
// Each reason becomes a time series that is kept for ever, so reasons are words of this program,
// never anything that a client sent.
#pragma once

#include <cstdint>
#include <functional>
#include <initializer_list>
#include <map>
#include <string>
#include <string_view>

#include "base/mutex.h"

namespace ordercast {

class Tally {
 public:
  using Counts = std::map<std::string, std::uint64_t, std::less<>>;

  // `known` are there from the beginning, with 0: so that a first one shows as an increase.
  Tally(std::initializer_list<std::string_view> known = {}) {
    for (const auto reason : known) counts_.emplace(reason, 0);
  }

  void add(std::string_view reason, std::uint64_t count = 1) EXCLUDES(mutex_) {
    const MutexLock lock(mutex_);
    const auto found = counts_.find(reason);
    if (found == counts_.end()) {
      counts_.emplace(reason, count);
    } else {
      found->second += count;
    }
  }
  [[nodiscard]] Counts counts() const EXCLUDES(mutex_) {
    const MutexLock lock(mutex_);
    return counts_;
  }

 private:
  mutable Mutex mutex_;
  Counts counts_ GUARDED_BY(mutex_);
};

}  // namespace ordercast
