// Percent-encoding (RFC 3986 section 2.1) and UTF-8 (RFC 3629). Pure functions.
#pragma once

#include <optional>
#include <string>
#include <string_view>

namespace ordercast::http {

enum class Plus { kLiteral, kSpace };  // kSpace: as HTML forms and PostgREST write queries

// nullopt when a '%' is not followed by two hexadecimal digits.
[[nodiscard]] std::optional<std::string> percent_decode(std::string_view text, Plus plus);

// All but the unreserved characters (section 2.3) and those of `kept`: fit for a segment of a path,
// or for a name or value of a query.
[[nodiscard]] std::string percent_encode(std::string_view text, std::string_view kept = {});

// Whether `text` would hold a control character after the decoding of cpp-httplib 0.11.4, which
// knows %XX and %uXXXX (and applies it to header values, CVE-2026-45372).
[[nodiscard]] bool hides_control_character(std::string_view text);

// No overlong forms, no surrogates, nothing above U+10FFFF.
[[nodiscard]] bool is_utf8(std::string_view text);

[[nodiscard]] constexpr bool is_control(char c) {
  const auto byte = static_cast<unsigned char>(c);
  return byte < 0x20 || byte == 0x7f;
}

}  // namespace ordercast::http
