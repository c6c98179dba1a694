// Writes the body of a stream to its socket: chunked (RFC 9112 section 7.1) for HTTP/1.1, plain
// until the connection closes for HTTP/1.0. Confined to the connection's thread, except that
// Server::stop may shut the socket down under it, which ends a blocked write at once. Does not own
// the socket.
#pragma once

#include <array>
#include <chrono>
#include <string_view>

namespace ordercast::http {

class StreamWriter {
 public:
  enum class Framing { kChunked, kUntilClose };

  StreamWriter(int fd, Framing framing, std::chrono::milliseconds stall_timeout);
  StreamWriter(const StreamWriter&) = delete;
  StreamWriter& operator=(const StreamWriter&) = delete;

  // Sends `data` as one chunk, in one system call when the socket takes it; an empty `data` sends
  // nothing. Blocks while the peer reads slowly, but no longer than the stall timeout without a
  // single byte taken. False when the peer is gone or stalled: then a chunk may be torn, and all
  // later calls return false.
  [[nodiscard]] bool write(std::string_view data);

  // Ends the stream properly (the last chunk). Later writes return false. Called for you when `run`
  // returns.
  bool finish();

  // Whether the peer has hung up, or has ended its side (no SSE client does that and goes on
  // reading). Never blocks. A peer that vanished without a word is found by TCP_USER_TIMEOUT once
  // something is written.
  [[nodiscard]] bool peer_closed() const;

  // Why write() said false: nothing was taken for the stall timeout, as opposed to a peer that has
  // gone.
  [[nodiscard]] bool stalled() const { return state_ == State::kStalled; }

  // For poll and epoll, and for direct non-blocking sends of whole chunks between two calls of
  // write().
  [[nodiscard]] int fd() const { return fd_; }
  [[nodiscard]] Framing framing() const { return framing_; }

 private:
  enum class State { kOpen, kFinished, kGone, kStalled };
  using Parts = std::array<std::string_view, 3>;  // size line, data, line end

  [[nodiscard]] bool send(Parts parts);

  int fd_;
  Framing framing_;
  std::chrono::milliseconds stall_timeout_;
  State state_ = State::kOpen;
};

}  // namespace ordercast::http
