// A filter, order or limit that cannot be understood. what() is for the client: which parameter,
// where in it, what was expected instead, and which columns the stream has.
#pragma once

#include <cstddef>
#include <optional>
#include <stdexcept>
#include <string>

#include "core/parameter.h"
#include "core/stream_info.h"

namespace ordercast {

struct FilterError : std::invalid_argument {
  // `offset`: the byte of the value where the fault is; none: it is in the name.
  FilterError(const StreamInfo& stream, const Parameter& bad, std::optional<std::size_t> offset,
              const std::string& problem);
  // Of what has nothing to do with columns.
  FilterError(const Parameter& bad, std::size_t offset, const std::string& problem);

  std::string parameter;
  std::size_t position;  // character of the value, from 1; 0: the fault is in the name
};

}  // namespace ordercast
