#include "http/request_head.h"

#include <algorithm>
#include <array>
#include <charconv>
#include <optional>
#include <utility>

#include "http/head_scanner.h"
#include "http/header_rules.h"
#include "http/percent.h"
#include "http/request_target.h"

namespace ordercast::http {
namespace {

constexpr std::string_view kLineEnd = "\r\n";

constexpr Refusal kIncomplete{400, "bad_request", "The request head does not end."};
constexpr Refusal kBadRequestLine{400, "bad_request_line",
                                  "The request line must be METHOD SP TARGET SP HTTP/1.1, with one "
                                  "space between its parts."};
constexpr Refusal kBadVersion{505, "http_version",
                              "This server speaks HTTP/1.1 and HTTP/1.0. For HTTP/2 put a reverse "
                              "proxy in front of it."};
constexpr Refusal kUnknownMethod{501, "unknown_method",
                                 "This server does not know the method. Use GET, HEAD, POST, PUT, "
                                 "PATCH, DELETE or OPTIONS."};
constexpr Refusal kBadHeader{400, "bad_header",
                             "A header line is not valid: it must be NAME, a colon right after it, "
                             "and the value on the same line."};
constexpr Refusal kHiddenControl{400, "bad_header_value",
                                 "A header value holds a percent-encoded control character. "
                                 "Remove it."};
constexpr Refusal kDuplicateHeader{400, "duplicate_header",
                                   "A header that may be sent once is there twice. Send one Host, "
                                   "Content-Length, Content-Type, Authorization, Origin and "
                                   "Last-Event-ID at most."};
constexpr Refusal kBadHost{400, "bad_host",
                           "HTTP/1.1 needs one Host header with a host name and an optional port."};
constexpr Refusal kLengthAndEncoding{400, "length_and_encoding",
                                     "The request has both Content-Length and Transfer-Encoding. "
                                     "Send Content-Length only."};
constexpr Refusal kTransferEncoding{501, "transfer_encoding",
                                    "Transfer-Encoding is not supported in requests. Send the body "
                                    "with Content-Length."};
constexpr Refusal kContentEncoding{415, "content_encoding",
                                   "Compressed request bodies are not supported. Send the body "
                                   "without Content-Encoding."};
constexpr Refusal kBadLength{400, "bad_content_length",
                             "Content-Length must be one decimal number."};
constexpr Refusal kBodyTooLarge{413, "body_too_large",
                                "The request body is too large. Send a smaller one."};

constexpr std::array<std::string_view, 7> kMethods = {"GET",   "HEAD",   "POST",   "PUT",
                                                      "PATCH", "DELETE", "OPTIONS"};
constexpr std::array<std::string_view, 6> kSingle = {
    "Host", "Content-Length", "Content-Type", "Authorization", "Origin", "Last-Event-ID"};
constexpr std::array<std::string_view, 7> kDropped = {
    "Range", "If-Range", "Expect", "REMOTE_ADDR", "REMOTE_PORT", "LOCAL_ADDR", "LOCAL_PORT"};
// Other programs on the same host fill these (cookies ignore ports), and they never reach the
// library: an escaped line break in one must not lock the browser out.
constexpr std::array<std::string_view, 2> kForeign = {"Cookie", "Referer"};

template <std::size_t N>
bool is_one_of(std::string_view name, const std::array<std::string_view, N>& names) {
  return std::any_of(names.begin(), names.end(),
                     [&](std::string_view other) { return same_header_name(name, other); });
}

bool is_digit(char c) {
  return c >= '0' && c <= '9';
}
bool is_alnum(char c) {
  return is_digit(c) || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z');
}

bool is_host(std::string_view text) {
  constexpr std::string_view kMarks = ".-_:[]";
  return !text.empty() && std::all_of(text.begin(), text.end(), [&](char c) {
    return is_alnum(c) || kMarks.find(c) != kMarks.npos;
  });
}

std::string_view trim(std::string_view text) {
  constexpr std::string_view kBlank = " \t";
  const auto first = text.find_first_not_of(kBlank);
  if (first == text.npos) return {};
  return text.substr(first, text.find_last_not_of(kBlank) - first + 1);
}

// Takes the next line, without its end, off `text`.
std::string_view take_line(std::string_view& text) {
  const auto end = text.find(kLineEnd);
  const auto line = text.substr(0, end);
  text.remove_prefix(end + kLineEnd.size());
  return line;
}

std::optional<Refusal> read_version(std::string_view text, RequestHead& head) {
  constexpr std::string_view kName = "HTTP/";
  const bool formed = text.size() == kName.size() + 3 && text.starts_with(kName) &&
                      is_digit(text[5]) && text[6] == '.' && is_digit(text[7]);
  if (!formed) return kBadRequestLine;
  head.http_1_0 = text == "HTTP/1.0";
  if (!head.http_1_0 && text != "HTTP/1.1") return kBadVersion;
  return std::nullopt;
}

std::optional<Refusal> read_request_line(std::string_view line, const HeadLimits& limits,
                                         RequestHead& head) {
  const auto first = line.find(' ');
  const auto last = line.rfind(' ');
  if (first == line.npos || first == last) return kBadRequestLine;
  const auto method = line.substr(0, first);
  const auto raw_target = line.substr(first + 1, last - first - 1);
  if (!is_token(method) || raw_target.empty()) return kBadRequestLine;
  if (raw_target.find_first_of(" \t") != raw_target.npos) return kBadRequestLine;
  if (const auto refusal = read_version(line.substr(last + 1), head)) return refusal;
  if (std::find(kMethods.begin(), kMethods.end(), method) == kMethods.end()) return kUnknownMethod;
  if (raw_target.size() > limits.target_bytes) return kTargetTooLong;

  auto target = parse_request_target(raw_target);
  if (const auto* refusal = std::get_if<Refusal>(&target)) return *refusal;
  auto& parts = std::get<RequestTarget>(target);
  head.method = method;
  head.path = std::move(parts.path);
  head.segments = std::move(parts.segments);
  head.params = std::move(parts.params);
  return std::nullopt;
}

std::optional<Refusal> read_header(std::string_view line, std::vector<Header>& headers) {
  const auto colon = line.find(':');
  if (colon == line.npos) return kBadHeader;
  const auto name = line.substr(0, colon);
  const auto value = trim(line.substr(colon + 1));
  if (!is_token(name)) return kBadHeader;
  if (!is_one_of(name, kForeign) && hides_control_character(value)) return kHiddenControl;
  headers.push_back({std::string(name), std::string(value)});
  return std::nullopt;
}

std::size_t count(const std::vector<Header>& headers, std::string_view name) {
  return static_cast<std::size_t>(
      std::count_if(headers.begin(), headers.end(),
                    [&](const Header& header) { return same_header_name(header.name, name); }));
}

std::optional<std::string_view> value_of(const std::vector<Header>& headers,
                                         std::string_view name) {
  for (const auto& header : headers) {
    if (same_header_name(header.name, name)) return header.value;
  }
  return std::nullopt;
}

// How long the body is, when there is one of a kind that is accepted (RFC 9112 section 6).
std::optional<Refusal> read_framing(const HeadLimits& limits, RequestHead& head) {
  const auto length = value_of(head.headers, "Content-Length");
  if (value_of(head.headers, "Transfer-Encoding")) {
    return length ? kLengthAndEncoding : kTransferEncoding;
  }
  if (value_of(head.headers, "Content-Encoding")) return kContentEncoding;
  if (!length) return std::nullopt;

  if (length->empty() || !std::all_of(length->begin(), length->end(), is_digit)) return kBadLength;
  const auto* end = length->data() + length->size();
  const auto parsed = std::from_chars(length->data(), end, head.content_length);
  if (parsed.ec != std::errc() || head.content_length > limits.body_bytes) return kBodyTooLarge;
  return std::nullopt;
}

std::optional<Refusal> judge_headers(const RequestHead& head) {
  for (const auto name : kSingle) {
    if (count(head.headers, name) > 1) return kDuplicateHeader;
  }
  const auto host = value_of(head.headers, "Host");
  if (host ? !is_host(*host) : !head.http_1_0) return kBadHost;
  return std::nullopt;
}

}  // namespace

std::variant<RequestHead, Refusal> parse_request_head(std::string_view raw,
                                                      const HeadLimits& limits) {
  HeadScanner scanner(limits);
  if (const auto refusal = scanner.scan(raw)) return *refusal;
  if (!scanner.complete() || scanner.head_size() != raw.size()) return kIncomplete;

  RequestHead head;
  if (const auto refusal = read_request_line(take_line(raw), limits, head)) return *refusal;
  for (auto line = take_line(raw); !line.empty(); line = take_line(raw)) {
    if (const auto refusal = read_header(line, head.headers)) return *refusal;
  }
  if (const auto refusal = judge_headers(head)) return *refusal;
  if (const auto refusal = read_framing(limits, head)) return *refusal;
  std::erase_if(head.headers, [](const Header& h) { return is_one_of(h.name, kDropped); });
  return head;
}

}  // namespace ordercast::http
