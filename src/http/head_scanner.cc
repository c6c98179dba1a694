#include "http/head_scanner.h"

#include "http/percent.h"

namespace ordercast::http {
namespace {

// "OPTIONS", two spaces, "HTTP/1.1" and room for what is refused with a better reason later.
constexpr std::size_t kRequestLineExtra = 32;

constexpr Refusal kBadByte{400, "bad_request_byte",
                           "The request head holds a control character or a line that does not end "
                           "with CR LF. Speak plain HTTP/1.1 (not HTTPS) to this port."};
constexpr Refusal kHeadTooLarge{431, "head_too_large",
                                "The request headers are too large. Send fewer or smaller headers; "
                                "check for large cookies."};
constexpr Refusal kTooManyHeaders{431, "too_many_headers",
                                  "The request has too many header lines. Send fewer headers."};

}  // namespace

std::optional<Refusal> HeadScanner::scan(std::string_view bytes) {
  while (!complete_ && position_ < bytes.size()) {
    const char byte = bytes[position_++];
    if (carriage_return_ != (byte == '\n')) return kBadByte;
    carriage_return_ = byte == '\r';
    if (byte == '\n') {
      if (const auto refusal = end_line()) return refusal;
    } else if (is_control(byte) && byte != '\t' && byte != '\r') {
      return kBadByte;
    }
    if (const auto refusal = check_sizes()) return refusal;
  }
  return std::nullopt;
}

std::optional<Refusal> HeadScanner::end_line() {
  constexpr std::size_t kEmptyLine = 2;
  complete_ = position_ - line_start_ == kEmptyLine;
  line_start_ = position_;
  ++lines_;
  const std::size_t request_line = 1;
  if (!complete_ && lines_ > request_line + limits_.header_lines) return kTooManyHeaders;
  return std::nullopt;
}

std::optional<Refusal> HeadScanner::check_sizes() const {
  if (lines_ == 0 && position_ > limits_.target_bytes + kRequestLineExtra) return kTargetTooLong;
  if (position_ > limits_.head_bytes) return kHeadTooLarge;
  return std::nullopt;
}

}  // namespace ordercast::http
