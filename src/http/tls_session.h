// The TLS of one connection (RFC 8446, RFC 5246), which we have accepted: between its bytes and a
// socket that is never waited for. The handshake is part of reading: receive_now() does what the
// client's messages allow, so that a deadline for the request is one for the handshake, too.
//
// OpenSSL writes records, the socket takes bytes. What of a record the socket did not take stays
// here, and the last byte of what was to be sent is not said to have left: so whoever sends knows
// that there is more to do, and comes again with that byte.
//
// Used by one thread at a time: it has the owner that the socket has. Does not own the socket.
#pragma once

#include <sys/types.h>

#include <cstddef>
#include <memory>
#include <string>
#include <string_view>

#include "hub/sealed_socket.h"

extern "C" {
struct ssl_st;
struct ssl_ctx_st;
struct bio_method_st;
struct bio_st;
}

namespace ordercast::http {

class TlsSession final : public hub::SealedSocket {
 public:
  // Throws std::bad_alloc.
  TlsSession(ssl_ctx_st* context, int fd);
  ~TlsSession() = default;
  TlsSession(const TlsSession&) = delete;
  TlsSession& operator=(const TlsSession&) = delete;

  // As recv(2) on a socket that never blocks: 0 when the peer has ended its side, -1 with errno
  // when there is nothing yet (EAGAIN) or the connection is of no use any more, because it is
  // broken or what came is no TLS. May have read more than it gave: see has_more().
  [[nodiscard]] ssize_t receive_now(char* buffer, std::size_t size) noexcept;
  // Whether there are bytes that have left the socket, which poll(2) does not know of.
  [[nodiscard]] bool has_more() const noexcept;
  // Whether the socket has yet to take something; then receive_now() tries it first.
  [[nodiscard]] bool has_unsent() const noexcept { return !unsent_.empty(); }

  [[nodiscard]] ssize_t send_now(std::string_view bytes) noexcept override;
  // Tells the peer that nothing more will come (close_notify), so that it can tell an end from a
  // connection that was cut. As far as the socket takes it at once.
  void end_sending() noexcept;

 private:
  struct Free {
    void operator()(ssl_st* ssl) const noexcept;
  };

  // The socket, as OpenSSL sees it.
  static const bio_method_st* bio_method();
  static int read_socket(bio_st* bio, char* buffer, int size) noexcept;
  static int write_socket(bio_st* bio, const char* bytes, int size) noexcept;

  // Whether nothing is left of earlier records; else errno says why.
  [[nodiscard]] bool flush() noexcept;
  // What the failed call leaves: -1 with errno, or 0.
  [[nodiscard]] ssize_t fail(int result) noexcept;

  const int fd_;
  std::unique_ptr<ssl_st, Free> ssl_;
  std::string unsent_;      // of records, what the socket did not take
  bool byte_owed_ = false;  // the next byte to send is in a record already
  bool broken_ = false;
};

}  // namespace ordercast::http
