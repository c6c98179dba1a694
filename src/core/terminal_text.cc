#include "core/terminal_text.h"

#include <fmt/format.h>

#include <cstddef>
#include <cstdint>
#include <iterator>

namespace ordercast {
namespace {

struct Character {
  std::uint32_t code = 0;
  std::size_t bytes = 0;  // 0: no valid UTF-8 begins here
};

// RFC 3629: no overlong form, no surrogate, nothing above U+10FFFF.
Character character_at(std::string_view text) {
  const auto lead = static_cast<unsigned char>(text.front());
  if (lead < 0x80) return {lead, 1};
  const std::size_t bytes = lead >= 0xF0 ? 4 : lead >= 0xE0 ? 3 : 2;
  if (lead < 0xC2 || lead > 0xF4 || text.size() < bytes) return {};
  std::uint32_t code = lead & (0x7FU >> bytes);
  for (std::size_t i = 1; i < bytes; ++i) {
    const auto next = static_cast<unsigned char>(text[i]);
    if ((next & 0xC0U) != 0x80U) return {};
    code = code << 6 | (next & 0x3FU);
  }
  const bool overlong = (bytes == 3 && code < 0x800) || (bytes == 4 && code < 0x10000);
  const bool surrogate = code >= 0xD800 && code < 0xE000;
  if (overlong || surrogate || code > 0x10FFFF) return {};
  return {code, bytes};
}

bool control(std::uint32_t code) {
  return code < 0x20 || (code >= 0x7F && code < 0xA0);
}

// Separators, and what reorders text or is not seen.
bool misleading(std::uint32_t code) {
  return (code >= 0x200B && code <= 0x200F) || (code >= 0x2028 && code <= 0x202E) ||
         (code >= 0x2060 && code <= 0x206F) || code == 0xFEFF || code == 0x061C;
}

}  // namespace

std::string terminal_text(std::string_view text) {
  std::string out;
  while (!text.empty()) {
    const auto [code, bytes] = character_at(text);
    const auto at = std::back_inserter(out);
    if (bytes == 0) {
      fmt::format_to(at, "\\x{:02x}", static_cast<unsigned char>(text.front()));
    } else if (control(code)) {
      fmt::format_to(at, "\\x{:02x}", code);
    } else if (misleading(code)) {
      fmt::format_to(at, "\\u{{{:x}}}", code);
    } else {
      out += text.substr(0, bytes);
    }
    text.remove_prefix(bytes == 0 ? 1 : bytes);
  }
  return out;
}

std::string terminal_json(std::string_view json) {
  std::string out;
  while (!json.empty()) {
    const auto [code, bytes] = character_at(json);
    if (bytes == 0) {
      out += "\\ufffd";
    } else if (control(code) && code < 0x20) {
      out += ' ';  // white space of the document: inside a string there is none
    } else if (control(code) || misleading(code)) {
      fmt::format_to(std::back_inserter(out), "\\u{:04x}", code);
    } else {
      out += json.substr(0, bytes);
    }
    json.remove_prefix(bytes == 0 ? 1 : bytes);
  }
  return out;
}

}  // namespace ordercast
