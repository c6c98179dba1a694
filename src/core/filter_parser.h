// Reads the parameters of a filter, one after another, in PostgREST's grammar:
//
//   column=[not.]operator.value           column=in.(a,"b, c")
//   column->key->>0=[not.]operator.value  of jsonb
//   [not.]and=(item,item,…)               [not.]or=(item,item,…)
//   item: column.[not.]operator.value, or [not.]and(item,…), or [not.]or(item,…)
//
// Behind `column=operator.` the rest is the value, as it is; within parentheses it ends at a comma
// or ) unless it stands in double quotes, where \ takes the next character literally. Names and
// keys with . , ( ) stand in quotes, too. Confined to one thread.
#pragma once

#include <cstddef>

#include "core/filter_node.h"
#include "core/parameter.h"
#include "core/stream_info.h"

namespace ordercast {

class FilterParser {
 public:
  // `stream` outlives it.
  explicit FilterParser(const StreamInfo& stream) : stream_(stream) {}

  // Throws FilterError.
  [[nodiscard]] FilterNodePtr parse(const Parameter& parameter);

 private:
  const StreamInfo& stream_;
  std::size_t conditions_ = 0;  // of all parameters
};

}  // namespace ordercast
