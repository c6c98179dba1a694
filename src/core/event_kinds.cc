#include "core/event_kinds.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>

#include "core/filter_error.h"

namespace ordercast {
namespace {

// What ordercast.publish() takes for a name.
constexpr std::size_t kMaxNameBytes = 63;

// What tells a client where it stands.
constexpr std::array<std::string_view, 7> kAlwaysSent{"hello", "ready",     "reset", "status",
                                                      "end",   "heartbeat", "retry"};

// No event has these names: see sql/0011_publish.sql.
constexpr std::array<std::string_view, 3> kNeverSent{"open", "error", "message"};

bool is_event_name(std::string_view text) {
  return !text.empty() && text.size() <= kMaxNameBytes &&
         std::all_of(text.begin(), text.end(), [](char c) {
           return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '_' || c == '-' ||
                  c == '.';
         });
}

}  // namespace

EventKinds EventKinds::parse(std::string_view text) {
  const auto fail = [&](std::size_t offset, const std::string& problem) {
    throw FilterError({"events", std::string(text)}, offset, problem);
  };
  EventKinds kinds;
  for (std::size_t begin = 0;;) {
    const auto end = std::min(text.find(',', begin), text.size());
    const auto name = text.substr(begin, end - begin);
    if (!is_event_name(name)) {
      fail(begin,
           "insert, update, delete, or the name of an event of your own was expected: lower-case "
           "letters, digits, '_', '-' and '.', at most 63");
    }
    if (std::find(kAlwaysSent.begin(), kAlwaysSent.end(), name) != kAlwaysSent.end()) {
      fail(begin, fmt::format("'{}' is always sent: leave it out", name));
    }
    if (std::find(kNeverSent.begin(), kNeverSent.end(), name) != kNeverSent.end()) {
      fail(begin, fmt::format("no event is called '{}': EventSource itself uses that word", name));
    }
    kinds.names_.emplace_back(name);
    if (end == text.size()) break;
    begin = end + 1;
  }
  std::sort(kinds.names_.begin(), kinds.names_.end());
  kinds.names_.erase(std::unique(kinds.names_.begin(), kinds.names_.end()), kinds.names_.end());
  return kinds;
}

bool EventKinds::has(std::string_view name) const {
  return all() || std::binary_search(names_.begin(), names_.end(), name, std::less<>());
}

std::string EventKinds::canonical() const {
  return fmt::format("{}", fmt::join(names_, ","));
}

}  // namespace ordercast
