#include "app/line_output.h"

#include <poll.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <climits>
#include <system_error>

namespace ordercast::app {

bool LineOutput::write(std::string_view lines) {
  while (!lines.empty()) {
    pollfd fds[] = {{.fd = fd_, .events = POLLOUT, .revents = 0},
                    {.fd = signals_.fd(), .events = POLLIN, .revents = 0}};
    if (::poll(fds, 2, -1) < 0 && errno != EINTR) {
      throw std::system_error(errno, std::generic_category(), "poll");
    }
    if (fds[0].revents == 0) {
      if (fds[1].revents != 0) return false;
      continue;
    }
    // What a pipe that is ready takes without blocking (pipe(7)).
    const ssize_t written =
        ::write(fd_, lines.data(), std::min<std::size_t>(lines.size(), PIPE_BUF));
    if (written > 0) {
      lines.remove_prefix(static_cast<std::size_t>(written));
    } else if (errno == EPIPE) {
      reader_gone_ = true;
      return false;
    } else if (errno != EINTR && errno != EAGAIN) {
      throw std::system_error(errno, std::generic_category(), "standard output");
    }
  }
  return true;
}

}  // namespace ordercast::app
