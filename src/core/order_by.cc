#include "core/order_by.h"

#include <fmt/format.h>

#include <charconv>
#include <nlohmann/json.hpp>
#include <string_view>
#include <utility>
#include <vector>

#include "core/filter_scanner.h"
#include "core/filter_subject.h"

namespace ordercast {
namespace {

using Json = nlohmann::json;

// ".desc.nullslast", behind a column.
void read_direction(FilterScanner& text, Json& term) {
  std::vector<std::string_view> words;
  std::vector<std::size_t> starts;
  while (text.take(".")) {
    starts.push_back(text.offset());
    words.push_back(text.take_range('a', 'z'));
  }
  std::size_t next = 0;
  const auto take = [&](std::string_view word) {
    const bool found = next < words.size() && words[next] == word;
    if (found) ++next;
    return found;
  };
  const bool descending = take("desc");
  if (!descending) take("asc");
  term["descending"] = descending;
  term["nulls_first"] = take("nullsfirst") || (!take("nullslast") && descending);
  if (next < words.size()) {
    text.fail(starts[next], "expected .asc or .desc, then .nullsfirst or .nullslast");
  }
}

}  // namespace

OrderBy OrderBy::parse(const Parameter& order, const StreamInfo& stream) {
  FilterScanner text(stream, order);
  text.go_to_value(FilterScanner::Place::kParentheses);
  Json terms = Json::array();
  do {
    const auto start = text.offset();
    if (terms.size() == kMaxColumns) {
      text.fail(fmt::format("rows are ordered by at most {} columns", kMaxColumns));
    }
    const auto subject = FilterSubject::read(text, stream);
    if (!subject.type.comparable()) {
      text.fail(start, fmt::format("rows are not ordered by {}", subject.description));
    }
    auto term = subject.json();
    read_direction(text, term);
    terms.push_back(std::move(term));
  } while (text.take(","));
  if (!text.rest().empty()) text.fail("expected .asc, .desc, or , and another column");
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
