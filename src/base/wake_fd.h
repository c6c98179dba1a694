// A flag that poll(2) can wait for: once set it stays readable (eventfd). Thread-safe.
#pragma once

#include <sys/eventfd.h>

#include <atomic>
#include <cerrno>
#include <chrono>
#include <system_error>

#include "base/unique_fd.h"

namespace ordercast {

class WakeFd {
 public:
  WakeFd() : fd_(::eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK)) {
    if (!fd_) throw std::system_error(errno, std::generic_category(), "eventfd");
  }

  void set() {
    set_ = true;
    ::eventfd_write(fd_.get(), 1);
  }
  [[nodiscard]] bool is_set() const { return set_; }
  [[nodiscard]] int fd() const { return fd_.get(); }

  // Waits until it is set or `other` (a descriptor, -1 for none) is readable, at most `timeout`.
  void wait(int other, std::chrono::microseconds timeout) const;

 private:
  UniqueFd fd_;
  std::atomic<bool> set_ = false;
};

}  // namespace ordercast
