// Which rows a client wants, in PostgREST's syntax (docs/protocol.md, "Filters"): parsed and typed
// by the stream's columns once, then asked of every row. The rules are SQL's: a row matches when
// the same WHERE clause, run by PostgreSQL, would be true for it; unknown is not true. PostgreSQL
// runs the very same filter when it reads the present rows (sql/0010_rows.sql); a property test
// holds the two against each other (tests/integration/filter_agreement_test.cc).
//
// An immutable value, cheap to copy, thread-safe.
#pragma once

#include <cstddef>
#include <memory>
#include <span>
#include <string>
#include <vector>

#include "core/filter_error.h"
#include "core/parameter.h"
#include "core/row.h"
#include "core/stream_info.h"

namespace ordercast {

class FilterNode;

class Filter {
 public:
  // Every row.
  Filter() = default;

  // The conditions of all `parameters` at once (AND). Each is taken for a filter: the caller has
  // taken out what means something else (select, order, limit, snapshot, …). Names and values are
  // percent-decoded UTF-8. Throws FilterError.
  [[nodiscard]] static Filter parse(std::span<const Parameter> parameters,
                                    const StreamInfo& stream);

  // What matches both.
  [[nodiscard]] static Filter both(const Filter& one, const Filter& other);

  [[nodiscard]] bool matches(const Row& row) const;
  [[nodiscard]] bool empty() const { return root_ == nullptr; }

  // The filter as JSON, empty when there is none. The same text for filters that differ only in
  // order, repetition or spelling of values, so that equal views can be one object. It is also what
  // ordercast.open_rows takes: data, never SQL text.
  [[nodiscard]] const std::string& canonical() const { return canonical_; }

  // For an index of filters: a row can match only if the JSON text that it has for `column` is one
  // of `tokens`. Taken from `eq` and `in` at the top, where equal values have one JSON text
  // (integers, text, uuid, boolean, enums). Each column once; empty when nothing is known.
  struct RequiredValue {
    std::string column;
    std::vector<std::string> tokens;  // sorted
  };
  [[nodiscard]] std::vector<RequiredValue> needed_values() const;

  // What one filter may cost; errors name them.
  static constexpr std::size_t kMaxDepth = 8;           // and(or(not.and(…)))
  static constexpr std::size_t kMaxConditions = 50;     // of the whole filter
  static constexpr std::size_t kMaxList = 100;          // elements of one in.(…)
  static constexpr std::size_t kMaxPathSteps = 8;       // items->0->>sku has two
  static constexpr std::size_t kMaxPatternBytes = 200;  // of like, ilike and match

 private:
  std::shared_ptr<const FilterNode> root_;
  std::string canonical_;
};

}  // namespace ordercast
