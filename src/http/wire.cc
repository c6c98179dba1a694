#include "http/wire.h"

#include <sys/socket.h>

#include <algorithm>
#include <array>
#include <cerrno>

#include "http/tls_session.h"

namespace ordercast::http {

ssize_t Wire::receive_now(char* buffer, std::size_t size) const {
  return tls_ != nullptr ? tls_->receive_now(buffer, size) : http::receive_now(fd_, buffer, size);
}

ssize_t Wire::send_now(std::string_view bytes) const {
  return tls_ != nullptr ? tls_->send_now(bytes) : http::send_now(fd_, bytes);
}

IoStatus Wire::wait_to_receive(Deadline deadline) const {
  if (tls_ == nullptr) return wait_for(fd_, POLLIN, deadline);
  if (tls_->has_more()) return IoStatus::kDone;
  return wait_for(fd_, tls_->has_unsent() ? POLLIN | POLLOUT : POLLIN, deadline);
}

void Wire::end_sending() const {
  if (tls_ != nullptr) tls_->end_sending();
  ::shutdown(fd_, SHUT_WR);
}

hub::SealedSocket* Wire::sealed() const {
  return tls_;
}

IoStatus send_all(const Wire& wire, std::string_view bytes, Deadline deadline) {
  while (!bytes.empty()) {
    const ssize_t sent = wire.send_now(bytes);
    if (sent >= 0) {
      bytes.remove_prefix(static_cast<std::size_t>(sent));
    } else if (errno != EAGAIN) {
      return IoStatus::kGone;
    }
    if (bytes.empty()) break;
    if (const auto status = wait_for(wire.fd(), POLLOUT, deadline); status != IoStatus::kDone) {
      return status;
    }
  }
  return IoStatus::kDone;
}

void await_close(const Wire& wire, Deadline deadline) {
  constexpr std::size_t kMostForgotten = 256 * 1024;  // four times the largest body
  std::array<char, 4096> forgotten;
  wire.end_sending();
  for (std::size_t total = 0; total < kMostForgotten;) {
    if (wait_for(wire.fd(), POLLIN, deadline) != IoStatus::kDone) return;
    // Whatever it is, TLS or not.
    const ssize_t got = receive_now(wire.fd(), forgotten.data(), forgotten.size());
    if (got == 0 || (got < 0 && errno != EAGAIN)) return;
    total += static_cast<std::size_t>(std::max<ssize_t>(got, 0));
  }
}

}  // namespace ordercast::http
