#include "http/socket_io.h"

#include <sys/socket.h>

#include <algorithm>
#include <cerrno>
#include <climits>

namespace ordercast::http {
namespace {

constexpr int kNow = MSG_DONTWAIT | MSG_NOSIGNAL;

// Rounded up, so that poll() does not return just before the deadline and spin.
int milliseconds_until(Deadline deadline) {
  const auto left =
      std::chrono::ceil<std::chrono::milliseconds>(deadline - std::chrono::steady_clock::now());
  return static_cast<int>(std::clamp<long long>(left.count(), 0, INT_MAX));
}

}  // namespace

IoStatus wait_for(int fd, short events, Deadline deadline) {
  while (std::chrono::steady_clock::now() < deadline) {
    pollfd entry{.fd = fd, .events = events, .revents = 0};
    const int ready = ::poll(&entry, 1, milliseconds_until(deadline));
    if (ready > 0) return (entry.revents & POLLNVAL) != 0 ? IoStatus::kGone : IoStatus::kDone;
    if (ready < 0 && errno != EINTR) return IoStatus::kGone;
  }
  return IoStatus::kTimeout;
}

void wait_for_any(std::span<pollfd> entries, Deadline deadline) {
  for (auto& entry : entries) entry.revents = 0;
  ::poll(entries.data(), entries.size(), milliseconds_until(deadline));
}

ssize_t receive_now(int fd, char* buffer, std::size_t size) {
  for (;;) {
    const ssize_t got = ::recv(fd, buffer, size, MSG_DONTWAIT);
    if (got >= 0 || errno != EINTR) return got;
  }
}

ssize_t send_now(int fd, std::string_view bytes) {
  for (;;) {
    const ssize_t sent = ::send(fd, bytes.data(), bytes.size(), kNow);
    if (sent >= 0 || errno != EINTR) return sent;
  }
}

void reset_on_close(int fd) {
  const ::linger at_once{.l_onoff = 1, .l_linger = 0};
  ::setsockopt(fd, SOL_SOCKET, SO_LINGER, &at_once, sizeof(at_once));
}

}  // namespace ordercast::http
