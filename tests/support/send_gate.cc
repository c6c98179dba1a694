#include "support/send_gate.h"

#include <sys/socket.h>

#include <chrono>

#include "support/child_process.h"

namespace ordercast::testing {

ssize_t SendGate::send_now(std::string_view bytes) noexcept {
  {
    const MutexLock lock(mutex_);
    reached_ = true;
    changed_.notify_all();
    while (!open_) changed_.wait(mutex_);
  }
  return ::send(fd_, bytes.data(), bytes.size(), MSG_DONTWAIT | MSG_NOSIGNAL);
}

bool SendGate::reached() {
  const auto deadline = std::chrono::steady_clock::now() + kPatience;
  const MutexLock lock(mutex_);
  while (!reached_) {
    if (!changed_.wait_until(mutex_, deadline)) return reached_;
  }
  return true;
}

void SendGate::open() {
  const MutexLock lock(mutex_);
  open_ = true;
  changed_.notify_all();
}

}  // namespace ordercast::testing
