// Whatever a client sends as a request head: refused with a status of its own, or it keeps all the
// promises of http/request.h, and the library's own parser could not see another request in it.
#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <string>
#include <string_view>
#include <variant>

#include "http/head_scanner.h"
#include "http/header_rules.h"
#include "http/percent.h"
#include "http/request_head.h"

namespace {

using namespace ordercast::http;

void require(bool condition) {
  if (!condition) std::abort();
}

bool has_control(std::string_view text) {
  return std::any_of(text.begin(), text.end(), [](char c) { return is_control(c) && c != '\t'; });
}

void require_clean(const RequestHead& head, const HeadLimits& limits) {
  require(is_utf8(head.path) && !has_control(head.path) && head.path.starts_with('/'));
  for (const auto& segment : head.segments) require(is_utf8(segment) && !has_control(segment));
  for (const auto& [name, value] : head.params) {
    for (const auto& text : {name, value}) require(is_utf8(text) && text.find('\0') == text.npos);
  }
  require(head.headers.size() <= limits.header_lines);
  for (const auto& [name, value] : head.headers) {
    require(is_token(name) && !has_control(value));
    require(!same_header_name(name, "Transfer-Encoding") && !same_header_name(name, "Range"));
  }
  require(head.content_length <= limits.body_bytes);
}

// Byte by byte and all at once it is the same head.
void require_same_end(std::string_view bytes, const HeadLimits& limits) {
  HeadScanner at_once(limits);
  const auto refusal = at_once.scan(bytes);
  HeadScanner in_pieces(limits);
  for (std::size_t size = 1; size <= bytes.size() && !in_pieces.complete(); ++size) {
    if (const auto early = in_pieces.scan(bytes.substr(0, size))) {
      require(refusal && refusal->status == early->status);
      return;
    }
  }
  require(at_once.complete() == in_pieces.complete());
  if (at_once.complete()) require(at_once.head_size() == in_pieces.head_size());
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string_view input(reinterpret_cast<const char*>(data), size);
  const HeadLimits limits;
  require_same_end(input, limits);
  HeadScanner scanner(limits);
  if (scanner.scan(input) || !scanner.complete()) return 0;
  const auto parsed = parse_request_head(input.substr(0, scanner.head_size()), limits);
  if (const auto* refusal = std::get_if<Refusal>(&parsed)) {
    require(refusal->status >= 400 && refusal->status < 600);
  } else {
    require_clean(std::get<RequestHead>(parsed), limits);
  }
  return 0;
}
