#include "core/json_text.h"

#include <charconv>
#include <cstdint>
#include <nlohmann/json.hpp>
#include <optional>

namespace ordercast {
namespace {

void append_utf8(std::string& text, std::uint32_t code) {
  const auto tail = [&](int shift) { text += static_cast<char>(0x80 | ((code >> shift) & 0x3F)); };
  if (code < 0x80) {
    text += static_cast<char>(code);
  } else if (code < 0x800) {
    text += static_cast<char>(0xC0 | (code >> 6));
    tail(0);
  } else if (code < 0x10000) {
    text += static_cast<char>(0xE0 | (code >> 12));
    tail(6);
    tail(0);
  } else {
    text += static_cast<char>(0xF0 | (code >> 18));
    tail(12);
    tail(6);
    tail(0);
  }
}

// "\u00e9" at `at`, which is the backslash.
std::optional<std::uint32_t> hex_escape(std::string_view text, std::size_t at) {
  constexpr std::size_t kLength = 6;
  if (at + kLength > text.size() || text[at] != '\\' || text[at + 1] != 'u') return std::nullopt;
  std::uint32_t code = 0;
  const auto* const end = text.data() + at + kLength;
  const auto parsed = std::from_chars(text.data() + at + 2, end, code, 16);
  if (parsed.ec != std::errc{} || parsed.ptr != end) return std::nullopt;
  return code;
}

char simple_escape(char letter) {
  switch (letter) {
    case 'b':
      return '\b';
    case 'f':
      return '\f';
    case 'n':
      return '\n';
    case 'r':
      return '\r';
    case 't':
      return '\t';
    default:
      return letter;
  }
}

}  // namespace

std::string_view json_text(std::string_view token, std::string& scratch) {
  const auto inner = token.substr(1, token.size() - 2);
  if (inner.find('\\') == inner.npos) return inner;
  scratch.clear();
  for (std::size_t i = 0; i < inner.size(); ++i) {
    if (inner[i] != '\\' || i + 1 == inner.size()) {
      scratch += inner[i];
      continue;
    }
    if (auto code = hex_escape(inner, i)) {
      i += 5;
      const auto low = hex_escape(inner, i + 1);
      if (*code >= 0xD800 && *code < 0xDC00 && low && *low >= 0xDC00 && *low < 0xE000) {
        code = 0x10000 + ((*code - 0xD800) << 10) + (*low - 0xDC00);
        i += 6;
      }
      append_utf8(scratch, *code);
    } else {
      scratch += simple_escape(inner[++i]);
    }
  }
  return scratch;
}

std::string json_token(std::string_view text) {
  return nlohmann::json(text).dump(-1, ' ', false, nlohmann::json::error_handler_t::replace);
}

}  // namespace ordercast
