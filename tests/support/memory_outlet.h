// A client's socket in memory. It takes as many bytes as it is told to, and then no more until it
// is told again. Thread-safe.
#pragma once

#include <algorithm>
#include <chrono>
#include <limits>
#include <optional>
#include <string>

#include "base/mutex.h"
#include "hub/outlet.h"
#include "support/child_process.h"

namespace ordercast::testing {

class MemoryOutlet : public hub::Outlet {
 public:
  static constexpr std::size_t kEndless = std::numeric_limits<std::size_t>::max();

  void set_room(std::size_t bytes) EXCLUDES(mutex_) {
    const MutexLock lock(mutex_);
    room_ = bytes;
  }

  [[nodiscard]] std::optional<std::size_t> offer(const hub::Frames& frames) noexcept override
      EXCLUDES(mutex_) {
    const MutexLock lock(mutex_);
    const auto text = frames.text();
    const std::size_t taken = std::min(room_, text.size());
    room_ -= room_ == kEndless ? 0 : taken;
    taken_.append(text.substr(0, taken));
    came_.notify_all();
    return taken == text.size() ? std::nullopt : std::optional(taken);
  }

  // All that was taken, once `text` is in it or patience has ended.
  [[nodiscard]] std::string wait_for(std::string_view text) EXCLUDES(mutex_) {
    const auto deadline = std::chrono::steady_clock::now() + kPatience;
    const MutexLock lock(mutex_);
    while (taken_.find(text) == taken_.npos && came_.wait_until(mutex_, deadline)) {
    }
    return taken_;
  }

 private:
  Mutex mutex_;
  CondVar came_;
  std::size_t room_ GUARDED_BY(mutex_) = kEndless;
  std::string taken_ GUARDED_BY(mutex_);
};

}  // namespace ordercast::testing
