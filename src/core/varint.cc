#include "core/varint.h"

namespace ordercast {

void put_varint(std::string& out, std::uint64_t value) {
  for (; value >= 0x80; value >>= 7) out.push_back(static_cast<char>(value | 0x80));
  out.push_back(static_cast<char>(value));
}

std::optional<std::uint64_t> take_varint(std::string_view& bytes) {
  std::uint64_t value = 0;
  for (int shift = 0; shift < 64 && !bytes.empty(); shift += 7) {
    const auto byte = static_cast<unsigned char>(bytes.front());
    bytes.remove_prefix(1);
    const std::uint64_t low = byte & 0x7f;
    if (shift == 63 && low > 1) return std::nullopt;
    value |= low << shift;
    if (byte < 0x80) {
      const bool shortest = byte != 0 || shift == 0;
      return shortest ? std::optional(value) : std::nullopt;
    }
  }
  return std::nullopt;
}

}  // namespace ordercast
