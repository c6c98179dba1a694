#include "http/stream_writer.h"

#include <linux/sockios.h>
#include <poll.h>
#include <sys/ioctl.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <charconv>

#include "http/socket_io.h"

namespace ordercast::http {
namespace {

constexpr std::string_view kLineEnd = "\r\n";
constexpr std::string_view kLastChunk = "0\r\n\r\n";

// "1f\r\n": the size line of a chunk.
class SizeLine {
 public:
  explicit SizeLine(std::size_t size) {
    char* end = std::to_chars(text_.data(), text_.data() + text_.size(), size, 16).ptr;
    for (const char c : kLineEnd) *end++ = c;
    length_ = static_cast<std::size_t>(end - text_.data());
  }
  [[nodiscard]] std::string_view view() const { return {text_.data(), length_}; }

 private:
  std::array<char, 2 * sizeof(std::size_t) + 2> text_;
  std::size_t length_;
};

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

// Removes the first `taken` bytes from the parts.
void consume(std::array<std::string_view, 3>& parts, std::size_t taken) {
  for (auto& part : parts) {
    const std::size_t here = std::min(taken, part.size());
    part.remove_prefix(here);
    taken -= here;
  }
}

}  // namespace

StreamWriter::StreamWriter(int fd, Framing framing, std::chrono::milliseconds stall_timeout)
    : fd_(fd), framing_(framing), stall_timeout_(stall_timeout) {}

bool StreamWriter::write(std::string_view data) {
  if (state_ != State::kOpen) return false;
  if (data.empty()) return true;
  if (framing_ == Framing::kUntilClose) return send({data, {}, {}});
  const SizeLine size(data.size());
  return send({size.view(), data, kLineEnd});
}

bool StreamWriter::finish() {
  if (state_ != State::kOpen) return false;
  const bool sent = framing_ == Framing::kUntilClose || send({kLastChunk, {}, {}});
  if (sent) state_ = State::kFinished;
  return sent;
}

bool StreamWriter::send(Parts parts) {
  for (;;) {
    const ssize_t sent = send_now(fd_, parts);
    if (sent >= 0) {
      consume(parts, static_cast<std::size_t>(sent));
      if (parts.back().empty() && parts[1].empty() && parts[0].empty()) return true;
    } else if (errno != EAGAIN) {
      state_ = State::kGone;
      return false;
    }
    const auto status = wait_for_space(fd_, stall_timeout_);
    if (status != IoStatus::kDone) {
      state_ = status == IoStatus::kTimeout ? State::kStalled : State::kGone;
      return false;
    }
  }
}

bool StreamWriter::peer_closed() const {
  pollfd entry{.fd = fd_, .events = POLLRDHUP, .revents = 0};
  return ::poll(&entry, 1, 0) != 0;
}

}  // namespace ordercast::http
