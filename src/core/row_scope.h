// The rows of a stream that somebody may see and write: of one tenant, or of all, and of these what
// a filter lets through. An immutable value.
#pragma once

#include <optional>
#include <string>

#include "core/filter.h"
#include "core/tenant.h"

namespace ordercast {

struct RowScope {
  std::optional<Tenant> tenant = std::nullopt;
  Filter filter = {};

  [[nodiscard]] bool all() const { return !tenant && filter.empty(); }
  [[nodiscard]] bool has(const Row& row) const {
    return (!tenant || tenant->owns(row)) && filter.matches(row);
  }
  // `row` is a JSON object.
  [[nodiscard]] bool has(const std::string& row) const { return all() || has(Row(row)); }
};

}  // namespace ordercast
