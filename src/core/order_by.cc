#include "core/order_by.h"

#include <fmt/format.h>

#include <algorithm>
#include <charconv>
#include <nlohmann/json.hpp>
#include <string_view>
#include <vector>

#include "core/filter_value.h"

namespace ordercast {
namespace {

using Json = nlohmann::json;

std::vector<std::string_view> split(std::string_view text, char separator) {
  std::vector<std::string_view> parts;
  for (std::size_t start = 0; start <= text.size();) {
    const auto end = std::min(text.find(separator, start), text.size());
    parts.push_back(text.substr(start, end - start));
    start = end + 1;
  }
  return parts;
}

}  // namespace

OrderBy OrderBy::parse(const Parameter& order, const StreamInfo& stream) {
  const auto fail = [&](std::string_view at, const std::string& problem) {
    throw FilterError(stream, order, static_cast<std::size_t>(at.data() - order.value.data()),
                      problem);
  };
  Json terms = Json::array();
  for (const auto term : split(order.value, ',')) {
    const auto words = split(term, '.');
    const auto column = std::find_if(stream.columns.begin(), stream.columns.end(),
                                     [&](const auto& each) { return each.name == words[0]; });
    if (column == stream.columns.end()) {
      fail(term, fmt::format("there is no column '{}'", words[0]));
    }
    if (!FilterType(*column).comparable()) {
      fail(term, fmt::format("rows are not ordered by {} {}", column->name, column->type));
    }
    std::size_t next = 1;
    const auto take = [&](std::string_view word) {
      const bool found = next < words.size() && words[next] == word;
      if (found) ++next;
      return found;
    };
    const bool descending = take("desc");
    if (!descending) take("asc");
    const bool nulls_first = take("nullsfirst") || (!take("nullslast") && descending);
    if (next < words.size()) {
      fail(words[next], "expected .asc or .desc, then .nullsfirst or .nullslast");
    }
    if (terms.size() == kMaxColumns) {
      fail(term, fmt::format("rows are ordered by at most {} columns", kMaxColumns));
    }
    terms.push_back(
        {{"column", column->name}, {"descending", descending}, {"nulls_first", nulls_first}});
  }
  OrderBy parsed;
  parsed.canonical_ = terms.dump(-1, ' ', false, Json::error_handler_t::replace);
  return parsed;
}

std::int64_t parse_limit(const Parameter& limit, const StreamInfo& stream) {
  const auto& text = limit.value;
  std::int64_t value = -1;
  const auto* const end = text.data() + text.size();
  const auto parsed = std::from_chars(text.data(), end, value);
  if (parsed.ec != std::errc{} || parsed.ptr != end || value < 0 || value > kMaxLimit) {
    throw FilterError(stream, limit, 0, fmt::format("expected a number from 0 to {}", kMaxLimit));
  }
  return value;
}

}  // namespace ordercast
