#include "hub/seat.h"

#include <utility>

#include "base/stack.h"

namespace ordercast::hub {

std::optional<Seat::End> Seat::wait() {
  release_unused_stack();  // of parked threads there are many, each of which has parsed a request
  const MutexLock lock(mutex_);
  while (!end_ && !hung_up_) changed_.wait(mutex_);
  return std::exchange(end_, std::nullopt);
}

Seat::End Seat::wait_for_end() {
  const MutexLock lock(mutex_);
  while (!end_) changed_.wait(mutex_);
  return *std::exchange(end_, std::nullopt);
}

void Seat::hang_up() {
  const MutexLock lock(mutex_);
  hung_up_ = true;
  changed_.notify_one();
}

bool Seat::hung_up() const {
  const MutexLock lock(mutex_);
  return hung_up_;
}

void Seat::end(End end) {
  const MutexLock lock(mutex_);
  end_ = std::move(end);
  changed_.notify_one();
}

}  // namespace ordercast::hub
