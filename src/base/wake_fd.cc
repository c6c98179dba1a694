#include "base/wake_fd.h"

#include <poll.h>

namespace ordercast {

void WakeFd::wait(int other, std::chrono::microseconds timeout) const {
  const auto seconds = std::chrono::duration_cast<std::chrono::seconds>(timeout);
  const timespec limit{.tv_sec = seconds.count(),
                       .tv_nsec = std::chrono::nanoseconds(timeout - seconds).count()};
  pollfd fds[] = {{.fd = fd_.get(), .events = POLLIN, .revents = 0},
                  {.fd = other, .events = POLLIN, .revents = 0}};
  // An interrupted wait is one that ended early: callers look at what happened anyway.
  ::ppoll(fds, 2, &limit, nullptr);
}

}  // namespace ordercast
