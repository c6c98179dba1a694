// A query parameter of a request, percent-decoded.
#pragma once

#include <string>

namespace ordercast {

struct Parameter {
  std::string name;
  std::string value;
};

}  // namespace ordercast
