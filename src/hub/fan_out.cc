#include "hub/fan_out.h"

#include <algorithm>
#include <string>
#include <unordered_set>
#include <utility>

#include "core/frame_format.h"

namespace ordercast::hub {
namespace {

// Heartbeats are looked after this often within their interval: a stream that was silent for all
// but one of the parts gets one.
constexpr int kBeatParts = 4;

// All in one, for one send.
FramesPtr joined(const std::vector<FramesPtr>& frames) {
  if (frames.size() == 1) return frames.front();
  std::string text;
  auto whose = Whose::everybody();
  for (const auto& each : frames) {
    text += each->text();
    whose.add(each->whose());
  }
  return std::make_shared<const Frames>(text, std::move(whose));
}

// A heartbeat in each form.
class Beats {
 public:
  explicit Beats(const Cursor& cursor)
      : sse_(beat(FrameFormat::kSse, cursor)), ndjson_(beat(FrameFormat::kNdjson, cursor)) {}
  [[nodiscard]] const FramesPtr& in(FrameFormat format) const {
    return format == FrameFormat::kSse ? sse_ : ndjson_;
  }

 private:
  static FramesPtr beat(FrameFormat format, const Cursor& cursor) {
    std::string text;
    append_id(text, format, cursor.encode());
    return std::make_shared<const Frames>(text, Whose::everybody());
  }
  const FramesPtr sse_;
  const FramesPtr ndjson_;
};

}  // namespace

FanOut::FanOut(Rounds rounds, std::chrono::milliseconds heartbeat)
    : rounds_(std::move(rounds)),
      heartbeat_(heartbeat),
      next_beat_(std::chrono::steady_clock::now() + heartbeat / kBeatParts),
      thread_({.name = "fan-out"}, [this] { run(); }) {}

void FanOut::run() {
  while (auto round = rounds_(next_beat_)) serve(*round);
}

void FanOut::serve(Round& round) {
  if (round.turn_out_all) turn_out_all();
  for (const auto& entrant : round.turned_out) entrant.member.seat->end({.next = entrant.place});
  for (auto& entrant : round.entrants) {
    if (entrant.place.ordinal == round.begin.ordinal) admit(entrant);
  }
  place_ = round.begin;
  if (!round.pages.empty()) {
    const Place next{place_.ordinal + round.pages.size(), round.pages.back()->batch().end()};
    deliver(round, next);
    for (auto& entrant : round.entrants) {
      if (entrant.place.ordinal > place_.ordinal) deliver_rest(entrant, round);
    }
    place_ = next;
  }
  release(round.leavers);
  beat_when_due(round.end);
}

void FanOut::turn_out_all() {
  for (auto& [view, group] : groups_) {
    for (const auto& member : group.members) member.seat->end({.next = place_});
  }
  groups_.clear();
  index_ = {};
}

void FanOut::release(const std::vector<Leaver>& leavers) {
  std::unordered_map<const View*, std::unordered_set<const Seat*>> leaving;
  for (const auto& leaver : leavers) leaving[leaver.view.get()].insert(leaver.seat.get());
  for (const auto& [view, seats] : leaving) {
    const auto group = groups_.find(view);
    if (group == groups_.end()) continue;
    std::erase_if(group->second.members, [this, &seats = seats](const Member& member) {
      if (!seats.contains(member.seat.get())) return false;
      member.seat->end({.next = place_});
      return true;
    });
  }
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
    return withhold(entrant.member, entrant.place);
  }
  group.members.push_back(std::move(entrant.member));
}

void FanOut::deliver(const Round& round, const Place& next) {
  for (const auto& page : round.pages) collect(*page);
  const auto now = std::chrono::steady_clock::now();
  for (auto* group : receivers_) {
    const auto frames = joined(group->pending);
    if (may_have(*group, *frames)) offer(group->members, frames, next);
    group->pending.clear();
    group->last_sent = now;
  }
  receivers_.clear();
}

void FanOut::collect(Page& page) {
  index_.visit(page.parsed(), [&](const ViewPtr& view, std::span<const std::size_t> candidates) {
    Group& group = groups_.at(view.get());
    if (!view->reset_in(page.parsed(), page.batch().from, candidates).empty())
      turn_out_for_reset(group);
    if (group.members.empty()) return;
    auto frames = page.frames(view, candidates);
    if (frames->empty()) return;
    if (group.pending.empty()) receivers_.push_back(&group);
    group.pending.push_back(std::move(frames));
  });
}

// The second of the two checks of whose rows they are, for those whom the fan-out writes to; their
// own threads have theirs in http::StreamWriter.
bool FanOut::may_have(Group& group, const Frames& frames) {
  if (frames.whose().may_go_to(group.tenant)) return true;
  for (const auto& member : group.members) withhold(member, place_);
  group.members.clear();
  return false;
}

void FanOut::withhold(const Member& member, const Place& place) {
  member.seat->end({.next = place, .withheld = true});
}

// Nothing of the round was sent yet: they stand where it begins.
void FanOut::turn_out_for_reset(Group& group) {
  std::erase_if(group.members, [&](const Member& member) {
    if (member.stops_at_reset) member.seat->end({.next = place_});
    return member.stops_at_reset;
  });
}

void FanOut::deliver_rest(Entrant& entrant, const Round& round) {
  const auto& member = entrant.member;
  auto& place = entrant.place;
  for (auto i = place.ordinal - place_.ordinal; i < round.pages.size(); ++i) {
    Page& page = *round.pages[i];
    if (member.stops_at_reset &&
        !entrant.view->reset_in(page.parsed(), page.batch().from).empty()) {
      return member.seat->end({.next = place});
    }
    const auto frames = page.frames(entrant.view);
    if (!frames->whose().may_go_to(member.outlet.tenant())) return withhold(member, place);
    place = {place.ordinal + 1, page.batch().end()};
    if (!frames->empty() && !offer(member, frames, place)) return;
  }
  admit(entrant);
}

void FanOut::beat_when_due(const Cursor& cursor) {
  const auto now = std::chrono::steady_clock::now();
  if (now < next_beat_) return;
  next_beat_ = now + heartbeat_ / kBeatParts;
  const auto silent_since = now - heartbeat_ * (kBeatParts - 1) / kBeatParts;
  const Beats beats(cursor);
  for (auto group = groups_.begin(); group != groups_.end();) {
    auto& [view, tenant, members, last_sent, pending] = group->second;
    if (last_sent <= silent_since) {
      offer(members, beats.in(view->format()), {place_.ordinal, cursor.position});
      last_sent = now;
    }
    if (members.empty()) {
      index_.remove(view);
      group = groups_.erase(group);
    } else {
      ++group;
    }
  }
}

void FanOut::offer(std::vector<Member>& members, const FramesPtr& frames, const Place& next) {
  std::erase_if(members, [&](const Member& member) { return !offer(member, frames, next); });
}

bool FanOut::offer(const Member& member, const FramesPtr& frames, const Place& next) {
  const auto taken = member.outlet.offer(*frames);
  // Nobody else counts: so no read-modify-write.
  sends_.store(sends_ + 1, std::memory_order_relaxed);
  if (!taken) return true;
  short_sends_.store(short_sends_ + 1, std::memory_order_relaxed);
  member.seat->end({.next = next, .rest = frames, .taken = *taken});
  return false;
}

}  // namespace ordercast::hub
