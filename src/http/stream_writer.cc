#include "http/stream_writer.h"

#include <linux/sockios.h>
#include <poll.h>
#include <sys/ioctl.h>

#include <algorithm>
#include <cerrno>
#include <utility>

namespace ordercast::http {
namespace {

constexpr std::string_view kLastChunk = "0\r\n\r\n";

// Bytes that the kernel holds because the peer has not taken them yet; -1 when it cannot say.
int unsent_bytes(int fd) {
  int bytes = -1;
  return ::ioctl(fd, SIOCOUTQ, &bytes) == 0 ? bytes : -1;
}

// Waits until the socket takes bytes again. A full buffer shows POLLOUT only when a third of it has
// drained; a slow but living peer is known by its queue getting shorter.
IoStatus wait_for_space(int fd, std::chrono::milliseconds stall_timeout) {
  for (int before = unsent_bytes(fd);;) {
    const auto status = wait_for(fd, POLLOUT, std::chrono::steady_clock::now() + stall_timeout);
    if (status != IoStatus::kTimeout) return status;
    const int now = unsent_bytes(fd);
    if (now < 0 || now >= before) return IoStatus::kTimeout;
    before = now;
  }
}

}  // namespace

StreamWriter::StreamWriter(const Wire& wire, Framing framing,
                           std::chrono::milliseconds stall_timeout,
                           std::optional<std::string> tenant)
    : wire_(wire), framing_(framing), stall_timeout_(stall_timeout), tenant_(std::move(tenant)) {}

bool StreamWriter::write(const hub::Frames& frames, std::size_t taken) {
  if (state_ != State::kOpen) return false;
  if (!frames.whose().may_go_to(tenant_)) {
    withheld_ = true;
    return false;
  }
  return send(frames.wire(framing_).substr(taken));
}

bool StreamWriter::finish() {
  if (state_ != State::kOpen) return false;
  const bool sent = framing_ == Framing::kUntilClose || send(kLastChunk);
  if (sent) state_ = State::kFinished;
  return sent;
}

bool StreamWriter::send(std::string_view bytes) {
  while (!bytes.empty()) {
    const ssize_t sent = wire_.send_now(bytes);
    if (sent >= 0) {
      bytes.remove_prefix(static_cast<std::size_t>(sent));
      continue;
    }
    if (errno != EAGAIN) {
      state_ = State::kGone;
      return false;
    }
    const auto status = wait_for_space(fd(), stall_timeout_);
    if (status != IoStatus::kDone) {
      state_ = status == IoStatus::kTimeout ? State::kStalled : State::kGone;
      return false;
    }
  }
  return true;
}

bool StreamWriter::peer_closed() const {
  pollfd entry{.fd = fd(), .events = POLLRDHUP, .revents = 0};
  return ::poll(&entry, 1, 0) != 0;
}

}  // namespace ordercast::http
