#include "hub/fan_out.h"

#include <algorithm>
#include <iterator>
#include <string>
#include <unordered_set>
#include <utility>

#include "core/civil_time.h"
#include "hub/heartbeat.h"

namespace ordercast::hub {
namespace {

// Heartbeats are looked after this often within their interval: a stream that was silent for all
// but one of the parts gets one.
constexpr int kBeatParts = 4;

// 2000-01-01, from which parse_timestamp() counts.
constexpr std::chrono::sys_days kTimestampOrigin{std::chrono::year{2000} / 1 / 1};

// All in one, for one send.
FramesPtr joined(const std::vector<FramesPtr>& frames) {
  if (frames.size() == 1) return frames.front();
  std::string text;
  std::size_t events = 0;
  auto whose = Whose::everybody();
  for (const auto& each : frames) {
    text += each->text();
    events += each->size().events;
    whose.add(each->whose());
  }
  return std::make_shared<const Frames>(text, events, std::move(whose));
}

// Whether `attempt` went well. A change that cannot be encoded (a row of the log that is none, no
// memory) must not end the thread that serves all: its clients' own threads meet the same error,
// and it costs them alone.
template <typename Attempt>
bool survives(Attempt attempt) {
  try {
    attempt();
    return true;
  } catch (const std::exception&) {
    return false;
  }
}

}  // namespace

FanOut::FanOut(Rounds rounds, std::chrono::milliseconds heartbeat, Traffic& traffic)
    : rounds_(std::move(rounds)),
      heartbeat_(heartbeat),
      traffic_(traffic),
      next_beat_(std::chrono::steady_clock::now() + heartbeat / kBeatParts),
      last_round_(std::chrono::steady_clock::now()),
      thread_({.name = "fan-out"}, [this] { run(); }) {}

void FanOut::run() {
  while (auto round = rounds_(next_beat_)) {
    serve(*round);
    last_round_.store(std::chrono::steady_clock::now(), std::memory_order_relaxed);
  }
}

void FanOut::serve(Round& round) {
  if (round.turn_out_all) turn_out_all();
  for (const auto& entrant : round.turned_out) entrant.member.seat->end({.next = entrant.place});
  std::move(round.entrants.begin(), round.entrants.end(), std::back_inserter(ahead_));
  place_ = round.begin;
  admit_who_has_come_here();
  // First: whose token has ended is sent nothing more.
  release(round.leavers);
  if (!round.pages.empty()) {
    const Place next{place_.ordinal + round.pages.size(), round.pages.back()->batch().end()};
    deliver(round, next);
    deliver_rest(round, next);
    place_ = next;
  }
  beat_when_due(round.end);
}

void FanOut::turn_out_all() {
  for (auto& [view, group] : groups_) {
    for (const auto& member : group.members) turn_out(group, member);
  }
  for (const auto& entrant : ahead_) entrant.member.seat->end({.next = entrant.place});
  groups_.clear();
  ahead_.clear();
  index_ = {};
}

void FanOut::release(const std::vector<Leaver>& leavers) {
  std::unordered_map<const View*, std::unordered_set<const Seat*>> leaving;
  for (const auto& leaver : leavers) leaving[leaver.view.get()].insert(leaver.seat.get());
  for (const auto& [view, seats] : leaving) {
    const auto group = groups_.find(view);
    if (group == groups_.end()) continue;
    std::erase_if(group->second.members,
                  [this, &seats = seats, &group = group->second](const Member& member) {
                    if (!seats.contains(member.seat.get())) return false;
                    turn_out(group, member);
                    return true;
                  });
  }
  std::erase_if(ahead_, [&](const Entrant& entrant) {
    const auto seats = leaving.find(entrant.view.get());
    if (seats == leaving.end() || !seats->second.contains(entrant.member.seat.get())) return false;
    entrant.member.seat->end({.next = entrant.place});
    return true;
  });
}

void FanOut::admit_who_has_come_here() {
  std::erase_if(ahead_, [&](Entrant& entrant) {
    if (entrant.place.ordinal != place_.ordinal) return false;
    admit(entrant);
    return true;
  });
}

void FanOut::turn_out(const Group& group, const Member& member) const {
  member.seat->end({.next = place_, .sent = group.sent - member.before});
}

void FanOut::admit(Entrant& entrant) {
  auto [found, added] = groups_.try_emplace(entrant.view.get());
  Group& group = found->second;
  const auto& tenant = entrant.member.outlet.tenant();
  if (added) {
    group = {entrant.view, tenant, {}, std::chrono::steady_clock::now()};
    index_.add(entrant.view);
  } else if (group.tenant != tenant) {
    // Two tenants have one view: whatever it shows, one of them must not see it.
    return withhold(entrant.member, entrant.place, entrant.member.before);
  }
  entrant.member.before = group.sent - entrant.member.before;
  group.members.push_back(std::move(entrant.member));
}

void FanOut::deliver(const Round& round, const Place& next) {
  for (const auto& page : round.pages) collect(*page);
  const auto now = std::chrono::steady_clock::now();
  for (auto* group : receivers_) {
    const auto frames = joined(group->pending);
    if (may_have(*group, *frames)) offer(*group, frames, next);
    group->pending.clear();
    group->last_sent = now;
  }
  if (!receivers_.empty()) observe_latency(*round.pages.back());
  receivers_.clear();
}

// Of the last change only: those before it waited for it, or for their commit.
void FanOut::observe_latency(const Page& page) {
  const auto made =
      parse_timestamp(page.batch().changes.back().at, TimeSource::kRow, TimeZone::kTaken);
  if (!made) return;
  using std::chrono::microseconds, std::chrono::system_clock;
  traffic_.commit_to_send.observe(system_clock::now() - kTimestampOrigin - microseconds(*made));
}

void FanOut::collect(Page& page) {
  index_.visit(page.parsed(), [&](const ViewPtr& view, std::span<const std::size_t> candidates) {
    Group& group = groups_.at(view.get());
    if (!survives([&] { collect(page, group, candidates); })) {
      turn_out_if(group, [](const Member&) { return true; });
    }
  });
}

void FanOut::collect(Page& page, Group& group, std::span<const std::size_t> candidates) {
  if (const auto reason = group.view->reset_in(page.parsed(), page.batch().from, candidates);
      !reason.empty()) {
    turn_out_if(group, [](const Member& member) { return member.stops_at_reset; });
    traffic_.resets.add(reason, group.members.size());
  }
  if (group.members.empty()) return;
  auto frames = page.frames(group.view, candidates);
  if (frames->empty()) return;
  if (group.pending.empty()) receivers_.push_back(&group);
  group.pending.push_back(std::move(frames));
}

// The second of the two checks of whose rows they are, for those whom the fan-out writes to; their
// own threads have theirs in http::StreamWriter.
bool FanOut::may_have(Group& group, const Frames& frames) {
  if (frames.whose().may_go_to(group.tenant)) return true;
  for (const auto& member : group.members) withhold(member, place_, group.sent - member.before);
  group.members.clear();
  return false;
}

void FanOut::withhold(const Member& member, const Place& place, const Sent& sent) {
  member.seat->end({.next = place, .sent = sent, .withheld = true});
}

// Nothing of the round was sent yet: they stand where it begins.
template <typename Whom>
void FanOut::turn_out_if(Group& group, Whom whom) {
  std::erase_if(group.members, [&](const Member& member) {
    const bool out = whom(member);
    if (out) turn_out(group, member);
    return out;
  });
}

void FanOut::deliver_rest(const Round& round, const Place& next) {
  std::erase_if(ahead_, [&](Entrant& entrant) {
    if (entrant.place.ordinal > next.ordinal) return false;
    deliver_rest(entrant, round);
    return true;
  });
}

void FanOut::deliver_rest(Entrant& entrant, const Round& round) {
  const auto& member = entrant.member;
  auto& place = entrant.place;
  Sent sent;
  for (auto i = place.ordinal - place_.ordinal; i < round.pages.size(); ++i) {
    Page& page = *round.pages[i];
    FramesPtr frames;
    const bool encoded = survives([&] {
      const bool stops = member.stops_at_reset &&
                         !entrant.view->reset_in(page.parsed(), page.batch().from).empty();
      if (!stops) frames = page.frames(entrant.view);
    });
    if (!encoded || !frames) return member.seat->end({.next = place, .sent = sent});
    if (!frames->whose().may_go_to(member.outlet.tenant())) return withhold(member, place, sent);
    place = {place.ordinal + 1, page.batch().end()};
    if (frames->empty()) continue;
    if (!offer(member, frames, place, sent)) return;
    count(frames, 1);
    sent += frames->size();
  }
  entrant.member.before = sent;
  admit(entrant);
}

void FanOut::beat_when_due(const Cursor& cursor) {
  const auto now = std::chrono::steady_clock::now();
  if (now < next_beat_) return;
  next_beat_ = now + heartbeat_ / kBeatParts;
  const auto silent_since = now - heartbeat_ * (kBeatParts - 1) / kBeatParts;
  const Heartbeat beat(cursor);
  for (auto group = groups_.begin(); group != groups_.end();) {
    Group& it = group->second;
    if (it.last_sent <= silent_since) {
      offer(it, beat.in(it.view->format()), {place_.ordinal, cursor.position});
      it.last_sent = now;
    }
    if (it.members.empty()) {
      index_.remove(it.view);
      group = groups_.erase(group);
    } else {
      ++group;
    }
  }
}

void FanOut::offer(Group& group, const FramesPtr& frames, const Place& next) {
  std::erase_if(group.members, [&](const Member& member) {
    // It has left the caches since the last page, and comes back while this one is sent to.
    __builtin_prefetch(&(&member + 1)->before);
    return !offer(member, frames, next, group.sent - member.before);
  });
  group.sent += frames->size();
  count(frames, group.members.size());
}

void FanOut::count(const FramesPtr& frames, std::size_t receivers) {
  // Nobody else counts: so no read-modify-write.
  const auto& [events, bytes] = frames->size();
  events_.store(events_ + events * receivers, std::memory_order_relaxed);
  bytes_.store(bytes_ + bytes * receivers, std::memory_order_relaxed);
}

bool FanOut::offer(const Member& member, const FramesPtr& frames, const Place& next,
                   const Sent& sent) {
  const auto taken = member.outlet.offer(*frames);
  sends_.store(sends_ + 1, std::memory_order_relaxed);
  if (!taken) return true;
  short_sends_.store(short_sends_ + 1, std::memory_order_relaxed);
  member.seat->end({.next = next, .rest = frames, .taken = *taken, .sent = sent});
  return false;
}

}  // namespace ordercast::hub
