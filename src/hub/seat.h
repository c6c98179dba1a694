// Where a subscriber that has caught up waits while the fan-out writes to its client, and the
// hand-over between the two: whose the client's socket is at each moment. Thread-safe.
//
// A stay begins with enter() and ends once: the fan-out cannot go on (the socket is full, or there
// is something that only the subscriber's thread can tell its client), the client hangs up, or the
// time is up. While it lasts the socket is the fan-out's, afterwards the thread's again; the mutex
// is held across the fan-out's send, which never blocks, so the thread cannot come in between.
#pragma once

#include <chrono>
#include <cstdint>
#include <memory>
#include <optional>

#include "base/mutex.h"
#include "core/position.h"
#include "hub/outlet.h"

namespace ordercast::hub {

// Where a reader of the backlog goes on: at this page, and for when the page is no longer there,
// the position that it has come to.
struct Place {
  std::uint64_t ordinal = 0;
  Position position;
};

class Seat {
 public:
  using Time = std::chrono::steady_clock::time_point;

  // For the subscriber's thread. Returns the number of the stay; `outlet` outlives it.
  [[nodiscard]] std::uint64_t enter(Outlet& outlet) EXCLUDES(mutex_);

  struct End {
    enum class Reason { kTurnedOut, kHungUp, kTime };
    Reason reason;
    // With kTurnedOut: where the thread goes on, once it has sent what is left of these frames
    // (null: nothing), of which `taken` bytes are gone.
    Place next{};
    FramesPtr rest = nullptr;
    std::size_t taken = 0;
  };
  // For the subscriber's thread: blocks until the stay ends, at `until` at the latest.
  [[nodiscard]] End wait(std::optional<Time> until) EXCLUDES(mutex_);

  // From any thread: the client is gone. Ends this stay, or the next one as soon as it begins.
  void hang_up() EXCLUDES(mutex_);

  enum class Offered {
    kAll,
    kPart,     // and the stay is over: the thread sends the rest, and then goes on at `next`
    kNothing,  // the stay was over
  };
  // For the fan-out.
  [[nodiscard]] Offered offer(std::uint64_t stay, const FramesPtr& frames, const Place& next)
      EXCLUDES(mutex_);
  // Ends the stay; the thread goes on at `next`.
  void turn_out(std::uint64_t stay, const Place& next) EXCLUDES(mutex_);

 private:
  void end(End end) REQUIRES(mutex_);

  Mutex mutex_;
  CondVar ended_;
  Outlet* outlet_ GUARDED_BY(mutex_) = nullptr;  // not null: a stay lasts
  std::uint64_t stay_ GUARDED_BY(mutex_) = 0;
  bool hung_up_ GUARDED_BY(mutex_) = false;
  End end_ GUARDED_BY(mutex_){};
};

using SeatPtr = std::shared_ptr<Seat>;

}  // namespace ordercast::hub
