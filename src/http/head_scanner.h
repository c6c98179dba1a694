// Watches the raw bytes of a request head arrive: finds its end, counts against the limits, and
// refuses a byte that no head may hold, before anything parses it. Confined to one thread.
//
// A line ends with CRLF and nothing else (RFC 9112 section 2.2 allows a server to take a bare LF;
// the disagreement about it is what request smuggling lives on). Allowed besides: tab, 0x20 to 0x7e
// and 0x80 to 0xff.
#pragma once

#include <cstddef>
#include <optional>
#include <string_view>

#include "http/head_limits.h"
#include "http/refusal.h"

namespace ordercast::http {

inline constexpr Refusal kTargetTooLong{414, "target_too_long",
                                        "Path and query are too long. Shorten the filter, or split "
                                        "it over several streams."};

class HeadScanner {
 public:
  explicit HeadScanner(const HeadLimits& limits) : limits_(limits) {}

  // `bytes` is all that has arrived, of which an earlier call may have seen a part.
  [[nodiscard]] std::optional<Refusal> scan(std::string_view bytes);

  // Whether the empty line has been seen, and the size of the head with it.
  [[nodiscard]] bool complete() const { return complete_; }
  [[nodiscard]] std::size_t head_size() const { return position_; }

 private:
  [[nodiscard]] std::optional<Refusal> end_line();
  [[nodiscard]] std::optional<Refusal> check_sizes() const;

  HeadLimits limits_;
  std::size_t position_ = 0;    // bytes seen
  std::size_t line_start_ = 0;  // where the line that is being read began
  std::size_t lines_ = 0;       // lines that have ended
  bool carriage_return_ = false;
  bool complete_ = false;
};

}  // namespace ordercast::http
