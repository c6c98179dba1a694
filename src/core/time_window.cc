#include "core/time_window.h"

#include <fmt/format.h>

#include "core/civil_time.h"

namespace ordercast {

bool TimeWindow::has(const Change& change) const {
  if (!since && !until) return true;
  const auto at = parse_timestamp(change.at, TimeSource::kRow, TimeZone::kTaken);
  return at && (!since || *at >= *since) && (!until || *at <= *until);
}

std::string TimeWindow::canonical() const {
  const auto text = [](const auto& time) { return time ? std::to_string(*time) : std::string(); };
  return since || until ? fmt::format("{},{}", text(since), text(until)) : std::string();
}

}  // namespace ordercast
