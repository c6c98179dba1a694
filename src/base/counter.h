// A number that only grows, for /metrics. Thread-safe; relaxed: it orders nothing.
#pragma once

#include <atomic>
#include <cstdint>

namespace ordercast {

class Counter {
 public:
  void add(std::uint64_t count = 1) noexcept { value_.fetch_add(count, std::memory_order_relaxed); }
  [[nodiscard]] std::uint64_t value() const noexcept {
    return value_.load(std::memory_order_relaxed);
  }

 private:
  std::atomic<std::uint64_t> value_ = 0;
};

}  // namespace ordercast
