// What a listener does next, so that no commit goes unnoticed: reads, asks the writers to notify,
// lets them off, waits (docs/decisions/0004-wake-up.md). Pure: it is told what happened, knows no
// clock and no database, so that a test can try every order of events on this very code
// (wake_model_test.cc). Confined to the listener's thread; a new connection begins a new one.
#pragma once

#include <compare>
#include <cstdint>

namespace ordercast::pg {

// How commits become known to a node. Nodes of different modes get along: what writers do follows
// from who holds the lock, not from a setting.
enum class WakeMode : std::uint8_t {
  kArmed,   // writers notify while the node sleeps, and are let off while it is awake
  kNotify,  // they always notify
  kPoll,    // they are never asked to: the node looks often
};

// Who makes writers notify, by holding the lock exclusively, as far as this node knows.
enum class Guard : std::uint8_t { kNone, kOwn, kOther };

class WakeProtocol {
 public:
  enum class Step : std::uint8_t { kRead, kArm, kDisarm, kWait };

  explicit WakeProtocol(WakeMode mode) : mode_(mode) {}

  // `busy`: so much is committed that writers should be let off. `quiet`: so little that it is
  // worth sleeping.
  [[nodiscard]] Step next(bool busy, bool quiet) const;
  // kWait ends with a notification or, when nobody makes writers notify, soon by itself.
  [[nodiscard]] bool must_look_soon() const { return guard_ == Guard::kNone; }
  [[nodiscard]] Guard guard() const { return guard_; }

  void has_read();
  // The answer of ordercast.arm().
  void has_tried_to_arm(Guard guard);
  void has_disarmed() { guard_ = Guard::kNone; }
  // A notification, of a writer or of a node that has `disarmed`, in the order in which they came.
  // All of them before kWait.
  void notified(bool disarmed);
  // The time of kWait has passed.
  void waited();

  [[nodiscard]] auto operator<=>(const WakeProtocol&) const = default;

 private:
  WakeMode mode_;
  Guard guard_ = Guard::kNone;
  bool must_read_ = true;
  bool tried_ = false;  // to arm, in vain, since the last read
};

}  // namespace ordercast::pg
