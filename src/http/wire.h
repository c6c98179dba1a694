// A connection's bytes, plain or through TLS. A value; thread-safe as far as the socket is, one
// thread at a time with TLS. Owns neither the socket nor the session.
#pragma once

#include <sys/types.h>

#include <cstddef>
#include <string_view>

#include "http/socket_io.h"
#include "hub/sealed_socket.h"

namespace ordercast::http {

class TlsSession;

class Wire {
 public:
  // A socket is a wire by itself. `tls`: of the same socket; null without.
  Wire(int fd, TlsSession* tls = nullptr)  // NOLINT(google-explicit-constructor)
      : fd_(fd), tls_(tls) {}

  // As receive_now and send_now of socket_io.h.
  [[nodiscard]] ssize_t receive_now(char* buffer, std::size_t size) const;
  [[nodiscard]] ssize_t send_now(std::string_view bytes) const;
  // Until receive_now() may have news, as wait_for().
  [[nodiscard]] IoStatus wait_to_receive(Deadline deadline) const;

  // Ends our side.
  void end_sending() const;

  // For poll and epoll.
  [[nodiscard]] int fd() const { return fd_; }
  // For the hub; null without TLS.
  [[nodiscard]] hub::SealedSocket* sealed() const;

 private:
  int fd_;
  TlsSession* tls_;
};

[[nodiscard]] IoStatus send_all(const Wire& wire, std::string_view bytes, Deadline deadline);

// The proper end of an answered connection: ends our side, then reads and forgets what the peer
// still sends until it closes, so that no reset destroys the answer on its way (RFC 9112 section
// 9.6). Gives up at the deadline, or when the peer keeps sending.
void await_close(const Wire& wire, Deadline deadline);

}  // namespace ordercast::http
