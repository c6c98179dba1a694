// The identity of one history: positions mean nothing in another one. Value type.
//
// It changes with the cluster (system identifier: pg_upgrade, restore of a dump), with the
// installation (a uuid stored by the first migration: the schema was dropped and made again), and
// with the timeline: a standby that was promoted, or a cluster recovered to a point in time, lacks
// what came after on the old one and gives the same transaction ids to other changes. (PostgreSQL
// manual, 26.3.6 "Timelines")
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

namespace ordercast {

struct Epoch {
  std::uint64_t id = 0;  // 48 bits of a hash of the three; 0 is unknown

  [[nodiscard]] static Epoch of(std::string_view system_identifier, std::string_view uuid,
                                std::string_view timeline);
  // 12 lower-case hex digits.
  [[nodiscard]] std::string text() const;
  friend bool operator==(const Epoch&, const Epoch&) = default;

  static constexpr int kBytes = 6;
};

}  // namespace ordercast
