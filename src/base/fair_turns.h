// A few places that many want at once, given out so that a group which wants many does not keep the
// others waiting: groups take turns, whoever of a group came first is the first of it, and no group
// has all places while there is more than one. Thread-safe.
#pragma once

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <deque>
#include <map>
#include <string>

#include "base/mutex.h"

namespace ordercast {

class FairTurns {
 public:
  using Time = std::chrono::steady_clock::time_point;

  // `most_per_group`: places of one group at once, at least 1; where it is not less than `places`,
  // one less than these counts, but for the group without a name, which may have all.
  FairTurns(std::size_t places, std::size_t most_per_group);
  // The same, for turns from now on: who has a place keeps it, also where there are fewer now.
  void set(std::size_t places, std::size_t most_per_group) EXCLUDES(mutex_);
  FairTurns(const FairTurns&) = delete;
  FairTurns& operator=(const FairTurns&) = delete;

  // Waits for a place; false when there was none until the deadline.
  [[nodiscard]] bool take(const std::string& group, Time deadline) EXCLUDES(mutex_);
  void give_back(const std::string& group) noexcept EXCLUDES(mutex_);

  struct Counters {
    std::uint64_t taken = 0;
    std::uint64_t waited = 0;     // of these: not at once
    std::uint64_t timed_out = 0;  // took none
    std::size_t waiting = 0;      // now
  };
  [[nodiscard]] Counters counters() const EXCLUDES(mutex_);

 private:
  struct Waiter {
    bool has_place = false;
    CondVar called;
  };
  struct Group {
    std::size_t taken = 0;
    std::deque<Waiter*> waiters;  // the first came first
    std::uint64_t turn = 0;       // of those with waiters the lowest is next
  };
  using Groups = std::map<std::string, Group>;

  // Gives free places to those whose turn it is.
  void call_next() noexcept REQUIRES(mutex_);
  [[nodiscard]] bool may_be_next(const Groups::value_type& entry) const REQUIRES(mutex_);
  // The end when there is none that may.
  [[nodiscard]] Groups::iterator next_group() REQUIRES(mutex_);
  void forget_if_idle(Groups::iterator entry) REQUIRES(mutex_);

  mutable Mutex mutex_;
  std::size_t places_ GUARDED_BY(mutex_);
  std::size_t most_per_group_ GUARDED_BY(mutex_);
  std::size_t taken_ GUARDED_BY(mutex_) = 0;
  std::uint64_t last_turn_ GUARDED_BY(mutex_) = 0;
  Groups groups_ GUARDED_BY(mutex_);  // those that have places or waiters
  Counters counters_ GUARDED_BY(mutex_);
};

}  // namespace ordercast
