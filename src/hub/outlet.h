// A client's socket as the hub sees it: the fan-out sends to it directly, without waiting. Small
// and kept by value, side by side for all clients: a crowd's own memory has left the processor's
// caches each time the next page comes, and each cache line that a send has to fetch makes it
// dearer.
#pragma once

#include <cstddef>
#include <optional>
#include <string>

#include "hub/frames.h"
#include "hub/sealed_socket.h"

namespace ordercast::hub {

class Outlet {
 public:
  // Does not own the socket. `tenant`: whose rows alone may go there; without a value all may.
  // `sealed`: what encrypts for the socket; null for a plain one. Both outlive the outlet.
  Outlet(int fd, Framing framing, const std::optional<std::string>& tenant,
         SealedSocket* sealed = nullptr)
      : fd_(fd), framing_(framing), tenant_(&tenant), sealed_(sealed) {}

  [[nodiscard]] const std::optional<std::string>& tenant() const { return *tenant_; }

  // Sends as much of `frames` as the socket takes at once; never blocks. Nullopt when that was all,
  // else how many bytes of the wire form were taken: the rest is the caller's to send, before
  // anything else. A broken connection takes none; whoever writes the rest finds out.
  [[nodiscard]] std::optional<std::size_t> offer(const Frames& frames) const noexcept;

 private:
  int fd_;
  Framing framing_;
  const std::optional<std::string>* tenant_;  // not looked at when there is something to send
  SealedSocket* sealed_;
};

}  // namespace ordercast::hub
