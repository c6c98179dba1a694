// Unsigned LEB128 integers, shortest form only: one value has one encoding, so that equal cursors
// are equal texts. Pure functions.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace ordercast {

void put_varint(std::string& out, std::uint64_t value);

// Takes one from the front of `bytes`; nullopt when it is cut short, over 64 bits, or not the
// shortest form.
[[nodiscard]] std::optional<std::uint64_t> take_varint(std::string_view& bytes);

}  // namespace ordercast
