// Of which time a view shows changes, by when each was made (Change::at): `since=…&until=…`.
// Immutable value.
#pragma once

#include <cstdint>
#include <optional>
#include <string>

#include "core/change.h"

namespace ordercast {

struct TimeWindow {
  // Both inclusive, as core/civil_time.h counts; none: all before, all after.
  std::optional<std::int64_t> since = std::nullopt;
  std::optional<std::int64_t> until = std::nullopt;

  [[nodiscard]] bool has(const Change& change) const;
  // Equal for equal windows; empty for all time.
  [[nodiscard]] std::string canonical() const;
};

}  // namespace ordercast
