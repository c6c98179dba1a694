#include "core/filter_condition.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <array>
#include <compare>
#include <nlohmann/json.hpp>
#include <set>
#include <utility>

namespace ordercast {
namespace {

using Json = nlohmann::json;

// In the order of FilterOperator.
constexpr std::array<std::string_view, 12> kNames{
    "eq", "neq", "gt", "gte", "lt", "lte", "in", "is", "isdistinct", "like", "ilike", "match"};

// In the order of FilterCondition::Is.
constexpr std::array<const char*, 4> kIsNames{"null", "true", "false", "unknown"};

std::string json_of(const FilterSubject& subject, FilterOperator op, Json value) {
  auto condition = subject.json();
  condition["op"] = name_of(op);
  condition["value"] = std::move(value);
  return condition.dump(-1, ' ', false, Json::error_handler_t::replace);
}

// A list has no order and no repetitions; one of one element says `eq`.
std::string json_of(const FilterSubject& subject, FilterOperator op,
                    const std::vector<Operand>& operands) {
  std::set<std::string> texts;
  for (const auto& operand : operands) texts.insert(operand.text);
  if (texts.size() > 1) return json_of(subject, op, Json(texts));
  return json_of(subject, op == FilterOperator::kIn ? FilterOperator::kEq : op,
                 Json(*texts.begin()));
}

bool holds(FilterOperator op, std::weak_ordering order) {
  switch (op) {
    case FilterOperator::kEq:
    case FilterOperator::kIn:
      return std::is_eq(order);
    case FilterOperator::kNeq:
    case FilterOperator::kIsDistinct:
      return std::is_neq(order);
    case FilterOperator::kGt:
      return std::is_gt(order);
    case FilterOperator::kGte:
      return std::is_gteq(order);
    case FilterOperator::kLt:
      return std::is_lt(order);
    case FilterOperator::kLte:
      return std::is_lteq(order);
    default:
      return false;
  }
}

bool is_number(std::string_view token) {
  return token.front() == '-' || (token.front() >= '0' && token.front() <= '9');
}

Truth truth_of(bool holds) {
  return holds ? Truth::kTrue : Truth::kFalse;
}

}  // namespace

std::string_view name_of(FilterOperator op) {
  return kNames[static_cast<std::size_t>(op)];
}

std::optional<FilterOperator> operator_named(std::string_view name) {
  const auto* const found = std::find(kNames.begin(), kNames.end(), name);
  if (found == kNames.end()) return std::nullopt;
  return static_cast<FilterOperator>(found - kNames.begin());
}

std::string operator_names() {
  return fmt::format("{}", fmt::join(kNames, ", "));
}

FilterCondition::FilterCondition(FilterSubject subject, FilterOperator op,
                                 std::vector<Operand> operands)
    : FilterNode(json_of(subject, op, operands)),
      subject_(std::move(subject)),
      op_(op),
      operands_(std::move(operands)) {}

FilterCondition::FilterCondition(FilterSubject subject, Is is)
    : FilterNode(
          json_of(subject, FilterOperator::kIs, Json(kIsNames[static_cast<std::size_t>(is)]))),
      subject_(std::move(subject)),
      op_(FilterOperator::kIs),
      is_(is) {}

FilterCondition::FilterCondition(FilterSubject subject, FilterOperator op,
                                 std::unique_ptr<const FilterPattern> pattern)
    : FilterNode(json_of(subject, op, Json(pattern->sql()))),
      subject_(std::move(subject)),
      op_(op),
      pattern_(std::move(pattern)) {}

Truth FilterCondition::of(const Row& row) const {
  const auto token = token_in(row);
  if (op_ == FilterOperator::kIs) return truth_of(test_is(token));
  if (!token) return op_ == FilterOperator::kIsDistinct ? Truth::kTrue : Truth::kUnknown;
  std::string scratch;
  const auto value = subject_.type.read(*token, scratch);
  if (!value) return Truth::kUnknown;
  if (pattern_) return truth_of(pattern_->matches(std::get<std::string_view>(*value)));
  return truth_of(compare(*value));
}

std::vector<Filter::RequiredValue> FilterCondition::needed_values() const {
  const bool equality = op_ == FilterOperator::kEq || op_ == FilterOperator::kIn;
  if (!equality || !subject_.path.steps().empty()) return {};
  std::vector<std::string> tokens;
  for (const auto& operand : operands_) {
    auto token = subject_.type.only_token(operand);
    if (!token) return {};
    tokens.push_back(*std::move(token));
  }
  std::sort(tokens.begin(), tokens.end());
  tokens.erase(std::unique(tokens.begin(), tokens.end()), tokens.end());
  return {{subject_.column, std::move(tokens)}};
}

std::optional<std::string_view> FilterCondition::token_in(const Row& row) const {
  auto token = row.find(subject_.column);
  if (!subject_.path.steps().empty()) {
    if (token && *token != "null") token = subject_.path.find(*token);
    // -> is for numbers: what else is there compares as NULL, but is not NULL.
    const bool compared_as_number = !subject_.type.textual() && op_ != FilterOperator::kIs;
    if (compared_as_number && token && !is_number(*token)) return std::nullopt;
  }
  if (token == "null") return std::nullopt;
  return token;
}

bool FilterCondition::compare(const RowValue& value) const {
  return std::any_of(operands_.begin(), operands_.end(), [&](const Operand& operand) {
    return holds(op_, subject_.type.compare(value, operand));
  });
}

bool FilterCondition::test_is(std::optional<std::string_view> token) const {
  switch (is_) {
    case Is::kNull:
    case Is::kUnknown:
      return !token;
    case Is::kTrue:
      return token == "true";
    case Is::kFalse:
      return token == "false";
  }
  return false;
}

}  // namespace ordercast
