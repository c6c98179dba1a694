// In which order a client wants the present rows, and how many, in PostgREST's syntax. Applied by
// PostgreSQL alone. An immutable value.
#pragma once

#include <cstdint>
#include <string>

#include "core/filter_error.h"
#include "core/parameter.h"
#include "core/stream_info.h"

namespace ordercast {

class OrderBy {
 public:
  // As the table has them.
  OrderBy() = default;

  // order=created_at.desc.nullslast,id: asc is the default; nulls come last ascending, first
  // descending, as in SQL. Text is ordered by code point. Also by what a path into jsonb leads to
  // (items->0->price), and by columns in quotes, as within the parentheses of a filter. Throws
  // FilterError.
  [[nodiscard]] static OrderBy parse(const Parameter& order, const StreamInfo& stream);

  [[nodiscard]] bool empty() const { return canonical_.empty(); }
  // As JSON, for ordercast.open_rows; empty when there is none.
  [[nodiscard]] const std::string& canonical() const { return canonical_; }

  static constexpr std::size_t kMaxColumns = 16;

 private:
  std::string canonical_;
};

// limit=20: a number of rows, 0 to kMaxLimit. Throws FilterError.
[[nodiscard]] std::int64_t parse_limit(const Parameter& limit, const StreamInfo& stream);
inline constexpr std::int64_t kMaxLimit = 1'000'000'000;  // says "all" without saying it

}  // namespace ordercast
