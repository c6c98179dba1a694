#include "hub/frames.h"

#include <array>
#include <charconv>
#include <utility>

#include "base/footprint.h"

namespace ordercast::hub {

Frames::Frames(std::string_view text) : Frames(text, 0, Whose::everybody()) {}

Frames::Frames(std::string_view text, std::size_t events, Whose whose)
    : text_size_(text.size()), events_(events), whose_(std::move(whose)) {
  if (text.empty()) return;
  constexpr std::string_view kLineEnd = "\r\n";
  std::array<char, 2 * sizeof(std::size_t)> digits;
  const char* end =
      std::to_chars(digits.data(), digits.data() + digits.size(), text.size(), 16).ptr;
  const std::string_view size(digits.data(), static_cast<std::size_t>(end - digits.data()));
  text_begin_ = size.size() + kLineEnd.size();
  wire_.reserve(text_begin_ + text.size() + kLineEnd.size());
  wire_.append(size).append(kLineEnd).append(text).append(kLineEnd);
}

std::size_t Frames::bytes() const {
  return allocated_shared<Frames>() + heap_of(wire_);
}

}  // namespace ordercast::hub
