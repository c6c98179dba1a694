// The events that each connection of a crowd is to have, and when they came. Which of them a
// connection lacks, its SequenceCheck knows. Value type.
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>

#include "load/deliveries.h"
#include "load/stamp.h"

namespace ordercast::load {

class Window {
 public:
  // Of a stream that somebody else publishes: it has no first event, and is never complete.
  Window() = default;
  // For `connections`, each of which is to have the events from `first` to `last`. `origin_ns`: see
  // Deliveries.
  Window(std::uint64_t first, std::uint64_t last, std::size_t connections,
         std::optional<std::int64_t> origin_ns)
      : connections_(connections),
        first_(first),
        last_(last),
        deliveries_(first, last, origin_ns) {}

  // `last` was published last.
  void end_with(std::uint64_t last) { last_ = last; }
  // One that a connection had not had before.
  void add(const Stamp& stamp, std::int64_t received_ns) { deliveries_.add(stamp, received_ns); }

  // Every connection has had all of them.
  [[nodiscard]] bool complete() const {
    return connections_ > 0 && deliveries_.count() >= (last_ - first_ + 1) * connections_;
  }
  [[nodiscard]] std::uint64_t last() const { return last_; }
  [[nodiscard]] const Deliveries& deliveries() const { return deliveries_; }

 private:
  std::size_t connections_ = 0;
  std::uint64_t first_ = 0;
  std::uint64_t last_ = 0;
  Deliveries deliveries_;
};

}  // namespace ordercast::load
