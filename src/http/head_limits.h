// What a request may cost before anything else looks at it; the packaged cpp-httplib bounds none of
// this. A value.
#pragma once

#include <cstddef>

namespace ordercast::http {

struct HeadLimits {
  std::size_t head_bytes = 8 * 1024;    // request line and headers: what nginx gives one header
  std::size_t target_bytes = 2 * 1024;  // path and query: a filter with a long in.(…) still fits
  std::size_t header_lines = 64;        // browsers send about 15, proxies add about 10
  std::size_t body_bytes = 64 * 1024;   // an order as JSON has less than 2 KiB
};

}  // namespace ordercast::http
