// A client's socket as the hub sees it: the fan-out gives it frames directly, without waiting.
#pragma once

#include <cstddef>
#include <optional>

#include "hub/frames.h"

namespace ordercast::hub {

class Outlet {
 public:
  virtual ~Outlet() = default;

  // Sends as much of `frames` as the socket takes at once; never blocks. Nullopt when that was all,
  // else how many bytes of the wire form were taken: the rest is the caller's to send, before
  // anything else. A broken connection takes none; whoever writes the rest finds out. Called by one
  // thread at a time.
  [[nodiscard]] virtual std::optional<std::size_t> offer(const Frames& frames) noexcept = 0;
};

}  // namespace ordercast::hub
