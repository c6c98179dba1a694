#include "pg/wake_protocol.h"

namespace ordercast::pg {

WakeProtocol::Step WakeProtocol::next(bool busy, bool quiet) const {
  if (must_read_) return Step::kRead;
  if (guard_ == Guard::kOwn && mode_ == WakeMode::kArmed && busy) return Step::kDisarm;
  const bool wants_guard = mode_ == WakeMode::kNotify || (mode_ == WakeMode::kArmed && quiet);
  if (guard_ == Guard::kNone && wants_guard && !tried_) return Step::kArm;
  return Step::kWait;
}

void WakeProtocol::has_read() {
  must_read_ = false;
  tried_ = false;
}

void WakeProtocol::has_tried_to_arm(Guard guard) {
  guard_ = guard;
  tried_ = true;
  // Those who were not asked to notify have ended by now; but some after the last read.
  if (guard_ != Guard::kNone) must_read_ = true;
}

void WakeProtocol::notified(bool disarmed) {
  must_read_ = true;
  // Who came after that node gave the lock back does not notify.
  if (disarmed && guard_ == Guard::kOther) guard_ = Guard::kNone;
}

void WakeProtocol::waited() {
  must_read_ = true;
  // The other node may have died with the lock, and then nobody was told.
  if (guard_ == Guard::kOther) guard_ = Guard::kNone;
}

}  // namespace ordercast::pg
