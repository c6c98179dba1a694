#include "base/fair_turns.h"

#include <algorithm>

namespace ordercast {
namespace {

// Of a group that has a name: it leaves one to the others.
std::size_t within(std::size_t places, std::size_t most_per_group) {
  return std::max<std::size_t>(1, std::min(most_per_group, places - 1));
}

}  // namespace

FairTurns::FairTurns(std::size_t places, std::size_t most_per_group)
    : places_(places), most_per_group_(within(places, most_per_group)) {}

void FairTurns::set(std::size_t places, std::size_t most_per_group) {
  const MutexLock lock(mutex_);
  places_ = places;
  most_per_group_ = within(places, most_per_group);
  call_next();
}

bool FairTurns::take(const std::string& group, Time deadline) {
  Waiter self;
  const MutexLock lock(mutex_);
  const auto entry = groups_.try_emplace(group).first;
  auto& waiters = entry->second.waiters;
  waiters.push_back(&self);
  if (waiters.size() == 1) entry->second.turn = ++last_turn_;
  call_next();
  if (self.has_place) {
    ++counters_.taken;
    return true;
  }
  ++counters_.waiting;
  while (!self.has_place && self.called.wait_until(mutex_, deadline)) {
  }
  --counters_.waiting;
  if (self.has_place) {
    ++counters_.taken;
    ++counters_.waited;
    return true;
  }
  ++counters_.timed_out;
  std::erase(waiters, &self);
  forget_if_idle(entry);
  return false;
}

void FairTurns::give_back(const std::string& group) noexcept {
  const MutexLock lock(mutex_);
  const auto entry = groups_.find(group);
  --taken_;
  --entry->second.taken;
  forget_if_idle(entry);
  call_next();
}

void FairTurns::call_next() noexcept {
  while (taken_ < places_) {
    const auto next = next_group();
    if (next == groups_.end()) return;
    Group& group = next->second;
    Waiter& waiter = *group.waiters.front();
    group.waiters.pop_front();
    group.turn = ++last_turn_;  // behind all others
    ++group.taken;
    ++taken_;
    waiter.has_place = true;
    waiter.called.notify_one();
  }
}

FairTurns::Groups::iterator FairTurns::next_group() {
  auto next = groups_.end();
  for (auto entry = groups_.begin(); entry != groups_.end(); ++entry) {
    if (!may_be_next(*entry)) continue;
    if (next == groups_.end() || entry->second.turn < next->second.turn) next = entry;
  }
  return next;
}

bool FairTurns::may_be_next(const Groups::value_type& entry) const {
  const auto& [name, group] = entry;
  return !group.waiters.empty() && (name.empty() || group.taken < most_per_group_);
}

void FairTurns::forget_if_idle(Groups::iterator entry) {
  if (entry->second.taken == 0 && entry->second.waiters.empty()) groups_.erase(entry);
}

FairTurns::Counters FairTurns::counters() const {
  const MutexLock lock(mutex_);
  return counters_;
}

}  // namespace ordercast
