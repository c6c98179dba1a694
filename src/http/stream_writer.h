// Writes the body of a stream to its socket: chunked (RFC 9112 section 7.1) for HTTP/1.1, plain
// until the connection closes for HTTP/1.0. Confined to the connection's thread, except that the
// hub's fan-out sends by its outlet() while that thread waits, and Server::stop may shut the socket
// down under it, which ends a blocked write at once. Does not own the socket.
#pragma once

#include <chrono>
#include <optional>
#include <string>
#include <string_view>

#include "http/wire.h"
#include "hub/outlet.h"

namespace ordercast::http {

class StreamWriter {
 public:
  using Framing = hub::Framing;

  // `tenant`: of the request's grant. What shows rows of any other is not written.
  StreamWriter(const Wire& wire, Framing framing, std::chrono::milliseconds stall_timeout,
               std::optional<std::string> tenant);
  StreamWriter(const StreamWriter&) = delete;
  StreamWriter& operator=(const StreamWriter&) = delete;

  // Sends `text` as one chunk, in one system call when the socket takes it; an empty `text` sends
  // nothing. Blocks while the peer reads slowly, but no longer than the stall timeout without a
  // single byte taken. False when the peer is gone or stalled: then a chunk may be torn, and all
  // later calls return false.
  // `text` has nothing of a row.
  [[nodiscard]] bool write(std::string_view text) { return write(hub::Frames(text)); }
  // The same; `taken` bytes of the wire form have been sent already. Also false, and nothing was
  // sent, when the frames show rows of another tenant than this connection may see: the second of
  // two checks (core/whose.h). Then withheld() is true, and the stream can still be ended properly.
  [[nodiscard]] bool write(const hub::Frames& frames, std::size_t taken = 0);
  [[nodiscard]] bool withheld() const { return withheld_; }

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

  // For poll and epoll.
  [[nodiscard]] int fd() const { return wire_.fd(); }
  // For the hub; no write() meanwhile.
  [[nodiscard]] hub::Outlet outlet() const { return {fd(), framing_, tenant_, wire_.sealed()}; }

 private:
  enum class State { kOpen, kFinished, kGone, kStalled };

  [[nodiscard]] bool send(std::string_view bytes);

  const Wire wire_;
  Framing framing_;
  std::chrono::milliseconds stall_timeout_;
  const std::optional<std::string> tenant_;
  State state_ = State::kOpen;
  bool withheld_ = false;
};

}  // namespace ordercast::http
