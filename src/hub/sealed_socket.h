// A socket whose bytes are encrypted on their way, as the fan-out sees it (http/tls_session.h).
// Used by one thread at a time.
#pragma once

#include <sys/types.h>

#include <string_view>

namespace ordercast::hub {

class SealedSocket {
 public:
  // As send(2) on a socket that never blocks: how many of the bytes have left, or -1 with errno,
  // EAGAIN when the socket takes no more now. Then, and when not all have left, the next call must
  // begin with the rest.
  [[nodiscard]] virtual ssize_t send_now(std::string_view bytes) noexcept = 0;

 protected:
  ~SealedSocket() = default;
};

}  // namespace ordercast::hub
