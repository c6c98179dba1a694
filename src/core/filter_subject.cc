#include "core/filter_subject.h"

#include <fmt/format.h>

#include <algorithm>
#include <charconv>
#include <nlohmann/json.hpp>
#include <utility>
#include <variant>
#include <vector>

#include "core/filter.h"

namespace ordercast {
namespace {

JsonPath::Step read_step(FilterScanner& text) {
  const auto start = text.offset();
  if (text.at('"')) return text.quoted();
  const auto word = text.plain_name();
  if (word.empty()) {
    text.fail(start, "expected a key or the number of an element after the arrow");
  }
  const auto digits = word.substr(word.starts_with('-') ? 1 : 0);
  if (digits.empty() || digits.find_first_not_of("0123456789") != digits.npos) {
    return std::string(word);
  }
  int index = 0;
  const auto parsed = std::from_chars(word.data(), word.data() + word.size(), index);
  if (parsed.ec != std::errc{}) text.fail(start, "no array has an element of that number");
  return index;
}

// `start`: of the column.
FilterSubject read_path(FilterScanner& text, const std::string& column, std::size_t start) {
  std::vector<JsonPath::Step> steps;
  bool to_text = false;
  while (!to_text && text.take("->")) {
    to_text = text.take(">");
    if (steps.size() == Filter::kMaxPathSteps) {
      text.fail(fmt::format("a path has at most {} steps", Filter::kMaxPathSteps));
    }
    steps.push_back(read_step(text));
  }
  if (text.rest().starts_with("->")) text.fail("->> ends a path: before it, use ->");
  return {column, JsonPath(std::move(steps)), to_text ? FilterType::text() : FilterType::number(),
          fmt::format("{} as {}", text.since(start), to_text ? "text" : "a number")};
}

}  // namespace

FilterSubject FilterSubject::read(FilterScanner& text, const StreamInfo& stream) {
  const auto start = text.offset();
  const auto name = text.name();
  const auto column = std::find_if(stream.columns.begin(), stream.columns.end(),
                                   [&](const auto& each) { return each.name == name; });
  if (column == stream.columns.end()) {
    text.fail(start, fmt::format("there is no column '{}'", name));
  }
  FilterSubject subject{
      column->name, {}, FilterType(*column), fmt::format("{} {}", column->name, column->type)};
  if (!text.rest().starts_with("->")) return subject;
  if (subject.type.kind() != FilterType::Kind::kJsonb) {
    text.fail(fmt::format("-> leads into jsonb, and the column is {}", subject.description));
  }
  return read_path(text, column->name, start);
}

nlohmann::json FilterSubject::json() const {
  nlohmann::json members{{"column", column}};
  if (path.steps().empty()) return members;
  auto steps = nlohmann::json::array();
  for (const auto& step : path.steps()) {
    std::visit([&steps](const auto& one) { steps.push_back(one); }, step);
  }
  members["path"] = std::move(steps);
  members["as"] = type.textual() ? "text" : "number";
  return members;
}

}  // namespace ordercast
