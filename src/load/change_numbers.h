// Numbers the events of a live Ordercast stream, so that connections to it can be held against each
// other: an event has the number that it got when any connection saw it first. Connections to one
// view are sent the same events in the same order, so each must see these numbers without a gap,
// wherever it begins. Confined to one thread.
//
// A connection that lags may catch up in another order than the others (only the changes of one row
// have an order): that is `reordered`, and no fault. What all connections lack is not noticed.
#pragma once

#include <cstddef>
#include <cstdint>
#include <deque>
#include <optional>
#include <string_view>
#include <unordered_map>

#include "load/stamp.h"

namespace ordercast::load {

class ChangeNumbers {
 public:
  ChangeNumbers();

  // Of an event's data, which ends with "at" and "seq"; nullopt of what is no change (`hello`, a
  // row of a snapshot). The time is that of `at`, when the change was made: it compares with ours
  // as far as the clocks of the two machines do.
  [[nodiscard]] std::optional<Stamp> of(std::string_view data);

  // The events that are remembered: one that comes to a connection later than so many others is
  // taken for another one.
  static constexpr std::size_t kRemembered = std::size_t{1} << 20;

 private:
  std::int64_t wall_clock_offset_ns_;  // CLOCK_MONOTONIC minus PostgreSQL's time
  std::unordered_map<std::uint64_t, std::uint64_t> number_of_seq_;
  std::deque<std::uint64_t> order_;
  std::uint64_t last_ = 0;
};

}  // namespace ordercast::load
