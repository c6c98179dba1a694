#include "hub/fan_out.h"

#include <algorithm>
#include <string>
#include <utility>

#include "core/sse.h"

namespace ordercast::hub {
namespace {

// Heartbeats are looked after this often within their interval: a stream that was silent for all
// but one of the parts gets one.
constexpr int kBeatParts = 4;

// The pages' frames for `view`, all in one.
FramesPtr frames_of(const ViewPtr& view, const std::vector<PagePtr>& pages) {
  if (pages.size() == 1) return pages.front()->frames(view);
  std::string text;
  for (const auto& page : pages) text += page->frames(view)->text();
  return std::make_shared<const Frames>(text);
}

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
  if (round.turn_out_all) turn_out_all(round);
  for (auto& entrant : round.entrants) {
    if (entrant.place.ordinal == round.begin.ordinal) admit(entrant);
  }
  place_ = round.begin;
  if (!round.pages.empty()) {
    const Place next{place_.ordinal + round.pages.size(), round.pages.back()->batch().end()};
    for (auto& [view, group] : groups_) deliver(group, round, next);
    for (auto& entrant : round.entrants) {
      if (entrant.place.ordinal > place_.ordinal) deliver_rest(entrant, round);
    }
    place_ = next;
  }
  beat_when_due(round.end);
}

void FanOut::turn_out_all(Round& round) {
  for (auto& [view, group] : groups_) {
    for (const auto& [seat, stay, stops] : group.members) seat->turn_out(stay, place_);
  }
  groups_.clear();
  // Some of them may know already. They come back.
  for (const auto& entrant : round.entrants) {
    entrant.member.seat->turn_out(entrant.member.stay, entrant.place);
  }
  round.entrants.clear();
}

void FanOut::admit(Entrant& entrant) {
  auto [found, added] = groups_.try_emplace(entrant.view.get());
  Group& group = found->second;
  if (added) group = {entrant.view, {}, std::chrono::steady_clock::now()};
  group.members.push_back(std::move(entrant.member));
}

void FanOut::deliver(Group& group, const Round& round, const Place& next) {
  auto& members = group.members;
  const bool reset = std::any_of(round.pages.begin(), round.pages.end(), [&](const auto& page) {
    return !group.view->reset_in(page->parsed(), page->batch().from).empty();
  });
  if (reset) {
    std::erase_if(members, [&](const Member& member) {
      if (member.stops_at_reset) member.seat->turn_out(member.stay, place_);
      return member.stops_at_reset;
    });
  }
  const auto frames = frames_of(group.view, round.pages);
  if (frames->empty()) return;
  offer(members, frames, next);
  group.last_sent = std::chrono::steady_clock::now();
}

void FanOut::deliver_rest(Entrant& entrant, const Round& round) {
  const auto& [seat, stay, stops_at_reset] = entrant.member;
  auto& place = entrant.place;
  for (auto i = place.ordinal - place_.ordinal; i < round.pages.size(); ++i) {
    Page& page = *round.pages[i];
    if (stops_at_reset && !entrant.view->reset_in(page.parsed(), page.batch().from).empty()) {
      return seat->turn_out(stay, place);
    }
    place = {place.ordinal + 1, page.batch().end()};
    const auto frames = page.frames(entrant.view);
    if (!frames->empty() && !offer(entrant.member, frames, place)) return;
  }
  admit(entrant);
}

void FanOut::beat_when_due(const Cursor& cursor) {
  const auto now = std::chrono::steady_clock::now();
  if (now < next_beat_) return;
  next_beat_ = now + heartbeat_ / kBeatParts;
  const auto silent_since = now - heartbeat_ * (kBeatParts - 1) / kBeatParts;
  std::string text;
  sse::append_id(text, cursor.encode());
  const auto frames = std::make_shared<const Frames>(text);
  for (auto group = groups_.begin(); group != groups_.end();) {
    auto& [view, members, last_sent] = group->second;
    if (last_sent <= silent_since) {
      offer(members, frames, {place_.ordinal, cursor.position});
      last_sent = now;
    }
    group = members.empty() ? groups_.erase(group) : std::next(group);
  }
}

void FanOut::offer(std::vector<Member>& members, const FramesPtr& frames, const Place& next) {
  std::erase_if(members, [&](const Member& member) { return !offer(member, frames, next); });
}

bool FanOut::offer(const Member& member, const FramesPtr& frames, const Place& next) {
  const auto offered = member.seat->offer(member.stay, frames, next);
  // Nobody else counts: so no read-modify-write, which would cost as much as the lock.
  if (offered != Seat::Offered::kNothing) sends_.store(sends_ + 1, std::memory_order_relaxed);
  if (offered == Seat::Offered::kPart) short_sends_.store(short_sends_ + 1);
  return offered == Seat::Offered::kAll;
}

}  // namespace ordercast::hub
