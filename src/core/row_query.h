// Which of the present rows of a stream to read.
#pragma once

#include <cstdint>
#include <optional>
#include <string>

#include "core/filter.h"
#include "core/order_by.h"
#include "core/tenant.h"

namespace ordercast {

struct RowQuery {
  std::string stream;
  Filter filter = {};
  OrderBy order = {};
  std::optional<std::int64_t> limit = std::nullopt;
  std::optional<Tenant> tenant = std::nullopt;  // of this one only
};

}  // namespace ordercast
