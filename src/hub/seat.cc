#include "hub/seat.h"

#include <utility>

namespace ordercast::hub {

std::uint64_t Seat::enter(Outlet& outlet) {
  const MutexLock lock(mutex_);
  outlet_ = &outlet;
  return ++stay_;
}

Seat::End Seat::wait(std::optional<Time> until) {
  const MutexLock lock(mutex_);
  while (outlet_ != nullptr) {
    if (hung_up_) {
      end({.reason = End::Reason::kHungUp});
    } else if (!until) {
      ended_.wait(mutex_);
    } else if (!ended_.wait_until(mutex_, *until) && outlet_ != nullptr) {
      end({.reason = End::Reason::kTime});
    }
  }
  return std::exchange(end_, {});
}

void Seat::hang_up() {
  const MutexLock lock(mutex_);
  hung_up_ = true;
  ended_.notify_one();
}

Seat::Offered Seat::offer(std::uint64_t stay, const FramesPtr& frames, const Place& next) {
  const MutexLock lock(mutex_);
  if (outlet_ == nullptr || stay != stay_) return Offered::kNothing;
  const auto taken = outlet_->offer(*frames);
  if (!taken) return Offered::kAll;
  end({.reason = End::Reason::kTurnedOut, .next = next, .rest = frames, .taken = *taken});
  return Offered::kPart;
}

void Seat::turn_out(std::uint64_t stay, const Place& next) {
  const MutexLock lock(mutex_);
  if (outlet_ == nullptr || stay != stay_) return;
  end({.reason = End::Reason::kTurnedOut, .next = next});
}

void Seat::end(End end) {
  outlet_ = nullptr;
  end_ = std::move(end);
  ended_.notify_one();
}

}  // namespace ordercast::hub
