#include "hub/outlet.h"

#include <sys/socket.h>
#include <sys/types.h>

#include <algorithm>

namespace ordercast::hub {

std::optional<std::size_t> Outlet::offer(const Frames& frames) const noexcept {
  const auto bytes = frames.wire(framing_);
  const ssize_t sent = sealed_ != nullptr
                           ? sealed_->send_now(bytes)
                           : ::send(fd_, bytes.data(), bytes.size(), MSG_DONTWAIT | MSG_NOSIGNAL);
  const auto taken = static_cast<std::size_t>(std::max<ssize_t>(sent, 0));
  return taken == bytes.size() ? std::nullopt : std::optional(taken);
}

}  // namespace ordercast::hub
