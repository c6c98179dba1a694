// Where the thread of a subscriber that has caught up waits while the fan-out writes to its client.
// Thread-safe.
//
// A stay begins when the subscriber enters (Hub's entrants) and is ended by the fan-out alone: only
// then is the socket the thread's again. So a send needs no lock, and a thread that wants to go,
// for its client has hung up or it is its turn, asks for it (Hub's leavers) and waits.
#pragma once

#include <chrono>
#include <cstdint>
#include <memory>
#include <optional>

#include "base/mutex.h"
#include "core/position.h"
#include "hub/frames.h"

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

  struct End {
    // Where the thread goes on, once it has sent what is left of these frames (null: nothing), of
    // which `taken` bytes are gone.
    Place next{};
    FramesPtr rest = nullptr;
    std::size_t taken = 0;
    // What the client was sent during the stay, but for `rest`.
    Sent sent{};
    // What was to be sent next is not for this client: see Subscriber::Delivery::Kind::kWithheld.
    bool withheld = false;
  };

  // For the subscriber's thread: waits for the end of the stay. Nullopt when the client hangs up,
  // or `until` has passed, while the stay lasts.
  [[nodiscard]] std::optional<End> wait(std::optional<Time> until) EXCLUDES(mutex_);
  // The same, whatever the client does.
  [[nodiscard]] End wait_for_end() EXCLUDES(mutex_);

  // From any thread: the client is gone.
  void hang_up() EXCLUDES(mutex_);
  [[nodiscard]] bool hung_up() const EXCLUDES(mutex_);

  // For the fan-out.
  void end(End end) EXCLUDES(mutex_);

 private:
  mutable Mutex mutex_;
  CondVar changed_;
  std::optional<End> end_ GUARDED_BY(mutex_);
  bool hung_up_ GUARDED_BY(mutex_) = false;
};

using SeatPtr = std::shared_ptr<Seat>;

}  // namespace ordercast::hub
