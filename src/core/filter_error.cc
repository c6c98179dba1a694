#include "core/filter_error.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <string_view>
#include <vector>

namespace ordercast {
namespace {

// Of UTF-8, what is not the first byte of a character does not count.
std::size_t character_at(std::string_view text, std::size_t offset) {
  const auto before = text.substr(0, std::min(offset, text.size()));
  return 1 + static_cast<std::size_t>(std::count_if(before.begin(), before.end(),
                                                    [](char c) { return (c & 0xC0) != 0x80; }));
}

std::string message(const std::string& parameter, std::size_t position,
                    const std::string& problem) {
  return fmt::format("{}{}: {}", parameter,
                     position == 0 ? "" : fmt::format("=…, character {}", position), problem);
}

std::string with_columns(const std::string& message, const StreamInfo& stream) {
  std::vector<std::string> columns;
  for (const auto& column : stream.columns) columns.push_back(column.name + " " + column.type);
  return fmt::format("{}; the columns of '{}' are: {}", message, stream.name,
                     fmt::join(columns, ", "));
}

std::size_t position_of(const Parameter& bad, std::optional<std::size_t> offset) {
  return offset ? character_at(bad.value, *offset) : 0;
}

}  // namespace

FilterError::FilterError(const StreamInfo& stream, const Parameter& bad,
                         std::optional<std::size_t> offset, const std::string& problem)
    : std::invalid_argument(
          with_columns(message(bad.name, position_of(bad, offset), problem), stream)),
      parameter(bad.name),
      position(position_of(bad, offset)) {}

FilterError::FilterError(const Parameter& bad, std::size_t offset, const std::string& problem)
    : std::invalid_argument(message(bad.name, position_of(bad, offset), problem)),
      parameter(bad.name),
      position(position_of(bad, offset)) {}

}  // namespace ordercast
