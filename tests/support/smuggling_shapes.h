// Messages on whose end proxies and servers have disagreed, from RFC 9112 section 11.2 and from
// published attacks: requests for TestSite's /echo, many with one for /smuggled hidden in them.
#pragma once

#include <string>
#include <vector>

namespace ordercast::testing {

// The whole request that is hidden in them.
inline constexpr char kHiddenRequest[] = "GET /smuggled HTTP/1.1\r\nHost: x\r\n\r\n";

struct SmugglingShape {
  const char* name;
  std::string bytes;
  int status;  // what our server answers it with when nothing stands in between
};

[[nodiscard]] std::vector<SmugglingShape> line_end_shapes();
[[nodiscard]] std::vector<SmugglingShape> header_shapes();
[[nodiscard]] std::vector<SmugglingShape> framing_shapes();
[[nodiscard]] std::vector<SmugglingShape> request_line_shapes();

}  // namespace ordercast::testing
