#include "base/wake_fd.h"

#include <poll.h>

namespace ordercast {

void WakeFd::wait(int other, std::chrono::milliseconds timeout) const {
  pollfd fds[] = {{.fd = fd_.get(), .events = POLLIN, .revents = 0},
                  {.fd = other, .events = POLLIN, .revents = 0}};
  // An interrupted wait is one that ended early: callers look at what happened anyway.
  ::poll(fds, 2, static_cast<int>(timeout.count()));
}

}  // namespace ordercast
