// What a publisher puts somewhere into an event's payload so that each receiver can tell which
// event it is and how old: "~stamp:SEQ:NS~". Plain ASCII that JSON, SQL and HTTP leave as it is.
// Value type.
//
// SEQ counts the events of one run without gaps. NS is CLOCK_MONOTONIC, so that publisher and
// receiver must be on one machine.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace ordercast::load {

struct Stamp {
  std::uint64_t seq = 0;
  std::int64_t sent_ns = 0;

  [[nodiscard]] std::string text() const;
  // The first one in `payload`; nullopt when there is none, or it is torn.
  [[nodiscard]] static std::optional<Stamp> find(std::string_view payload);
  friend bool operator==(const Stamp&, const Stamp&) = default;
};

// CLOCK_MONOTONIC in nanoseconds.
[[nodiscard]] std::int64_t now_ns();

}  // namespace ordercast::load
