// The parameters of a request that choose rows (docs/protocol.md, "Filters"): conditions, `order`
// and `limit`, told apart from those that mean something else. Streams and the order desk read them
// alike, so that the conditions of a list are those of the stream that goes on where it ends. Pure
// functions.
#pragma once

#include <vector>

#include "core/filter_error.h"
#include "core/parameter.h"
#include "core/row_query.h"
#include "http/granted_stream.h"
#include "http/request.h"
#include "http/response.h"

namespace ordercast::http {

struct RowParameters {
  std::vector<Parameter> conditions;  // as they came
  RowQuery query;                     // these, `order` and `limit`, of what the grant reaches
};

enum class RowsOf {
  kStream,  // its own parameters (select, events, …) are left to the caller
  kList,    // which has none: a stream's are refused, for they would be conditions here
};

// Throws FilterError, also when a parameter that is no condition is there twice.
[[nodiscard]] RowParameters parse_row_parameters(const Request& request,
                                                 const GrantedStream& granted, RowsOf rows_of);

// 400, with the name of the parameter, and the character of its value, for programs.
[[nodiscard]] Response bad_parameter(const FilterError& error);

}  // namespace ordercast::http
