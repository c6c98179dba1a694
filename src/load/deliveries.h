// When the events of one window reached the connections: who was first, who was last, and all in
// between. Value type.
#pragma once

#include <cstdint>
#include <optional>
#include <vector>

#include "load/histogram.h"
#include "load/stamp.h"

namespace ordercast::load {

// Milliseconds from the publishing.
struct Latency {
  double first = 0;
  double median = 0;
  double p99 = 0;
  double last = 0;
};

class Deliveries {
 public:
  // Of a stream that somebody else publishes, whatever its numbers: without first and last.
  Deliveries() = default;
  // The window holds the events from `first` to `last`. With `origin_ns` the age of a delivery
  // counts from there instead of from its stamp: for a burst that is published as one.
  Deliveries(std::uint64_t first, std::uint64_t last,
             std::optional<std::int64_t> origin_ns = std::nullopt);

  // Events outside the window, where there is one, are not counted.
  void add(const Stamp& stamp, std::int64_t received_ns);

  [[nodiscard]] std::uint64_t count() const { return ages_.count(); }
  // Of the last delivery, CLOCK_MONOTONIC; 0 when there was none.
  [[nodiscard]] std::int64_t last_ns() const { return last_ns_; }
  // Median and p99 are of all deliveries; first and last are of the event's first and last
  // receiver, the median of the events. With an origin: the first and the last delivery of all.
  [[nodiscard]] Latency latency() const;
  // When its first receiver had event `seq` of the window, CLOCK_MONOTONIC; none, when nobody had.
  [[nodiscard]] std::optional<std::int64_t> first_received_ns(std::uint64_t seq) const;

 private:
  struct Event {
    std::int64_t first_received = 0;
    std::int64_t first_age = 0;
    std::int64_t last_age = 0;
    std::uint32_t receivers = 0;
  };

  std::uint64_t first_ = 0;  // 0: no window
  std::optional<std::int64_t> origin_ns_;
  std::vector<Event> events_;
  Histogram ages_;
  std::int64_t last_ns_ = 0;
};

}  // namespace ordercast::load
