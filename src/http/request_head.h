// Parses and judges a request head (RFC 9112, stricter): a pure function over raw bytes, the gate
// that everything must pass before cpp-httplib 0.11.4 or a route sees it.
//
// Refused, because proxies and servers disagree about it: bare CR or LF, folded lines, space before
// the colon, two Host or Content-Length lines, any Transfer-Encoding, absolute and authority
// targets. Refused, because the library mishandles it: Content-Encoding (bombs), percent-encoded
// control characters in headers (decoded into real ones; CVE-2026-45372). Dropped: Range and
// If-Range (std::regex on the stack), Expect (the body is read anyway), and the names that the
// library uses for its own facts (REMOTE_ADDR and friends, CVE-2025-66570).
#pragma once

#include <cstddef>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

#include "http/head_limits.h"
#include "http/refusal.h"
#include "http/request.h"

namespace ordercast::http {

struct RequestHead {
  std::string method;                 // one of GET HEAD POST PUT PATCH DELETE OPTIONS
  std::string path;                   // percent-decoded
  std::vector<std::string> segments;  // of the path, each decoded by itself: "%2F" parts nothing
  std::vector<Parameter> params;
  std::vector<Header> headers;
  std::size_t content_length = 0;  // bytes of body that follow; at most HeadLimits::body_bytes
  bool http_1_0 = false;
};

// `raw` is the head with the empty line that ends it, and no byte more (HeadScanner finds it).
[[nodiscard]] std::variant<RequestHead, Refusal> parse_request_head(std::string_view raw,
                                                                    const HeadLimits& limits);

}  // namespace ordercast::http
