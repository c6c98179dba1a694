// A filter, order or limit that cannot be understood. what() is for the client: which parameter,
// where in it, what was expected instead, and where that helps the stream's columns.
#pragma once

#include <cstddef>
#include <stdexcept>
#include <string>
#include <utility>

namespace ordercast {

struct FilterError : std::invalid_argument {
  FilterError(const std::string& message, std::string bad_parameter, std::size_t at)
      : std::invalid_argument(message), parameter(std::move(bad_parameter)), position(at) {}

  std::string parameter;
  std::size_t position;  // character of the value, from 1; 0: the fault is in the name
};

}  // namespace ordercast
