#include "hub/endings.h"

namespace ordercast::hub {

void Endings::remove(Stay& stay) {
  all_.erase(&stay);
  if (stay.at) to_come_.erase({*stay.at, &stay});
}

void Endings::end_by(Stay& stay, Time at, std::string_view reason) {
  if (stay.at && *stay.at <= at) return;
  to_come_.insert({at, &stay});  // first: it can fail
  if (stay.at) to_come_.erase({*stay.at, &stay});
  stay.at = at;
  stay.reason = reason;
}

bool Endings::end_now(const std::function<bool(const Grant&)>& which, Time now,
                      std::string_view reason) {
  bool some = false;
  for (auto* stay : all_) {
    if (!stay->grant || !which(*stay->grant)) continue;
    end_by(*stay, now, reason);
    some = true;
  }
  return some;
}

std::optional<Endings::Time> Endings::next() const {
  return to_come_.empty() ? std::nullopt : std::optional(to_come_.begin()->first);
}

std::vector<FanOut::Leaver> Endings::take_due(Time now) {
  std::vector<FanOut::Leaver> due;
  while (!to_come_.empty() && to_come_.begin()->first <= now) {
    const auto* stay = to_come_.begin()->second;
    due.push_back({stay->seat, stay->view});
    to_come_.erase(to_come_.begin());
  }
  return due;
}

}  // namespace ordercast::hub
