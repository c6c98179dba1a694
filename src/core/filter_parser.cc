#include "core/filter_parser.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <charconv>
#include <memory>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "core/filter_condition.h"
#include "core/filter_error.h"

namespace ordercast {
namespace {

using Is = FilterCondition::Is;

// Where a text is: a parameter's name is all of one column, what is in parentheses ends at a comma.
enum class Place { kName, kValue, kParentheses };

struct GroupWord {
  std::string_view word;
  bool negated;
  bool all;
};
constexpr std::array<GroupWord, 4> kGroupWords{
    {{"and", false, true}, {"or", false, false}, {"not.and", true, true}, {"not.or", true, false}}};

// A client's value without its quotes.
struct Value {
  std::string text;
  std::size_t start;  // offset of its first character
  bool quoted;
};

class Reader {
 public:
  Reader(const StreamInfo& stream, const Parameter& parameter, std::size_t& conditions)
      : stream_(stream), parameter_(parameter), text_(parameter.name), conditions_(conditions) {}

  // Leaves the name behind.
  void go_to_value(Place place) {
    text_ = parameter_.value;
    place_ = place;
    next_ = 0;
  }

  FilterNodePtr group(const GroupWord& word, std::size_t depth) {
    if (depth > Filter::kMaxDepth) {
      fail(next_, fmt::format("a filter is at most {} levels deep", Filter::kMaxDepth));
    }
    if (!take("(")) fail(next_, "expected ( and conditions such as (id.eq.1,id.eq.2)");
    std::vector<FilterNodePtr> operands;
    do {
      skip_spaces();
      operands.push_back(item(depth));
    } while (take(","));
    if (!take(")")) fail(next_, "expected , and another condition, or )");
    auto node = word.all ? FilterNode::all_of(std::move(operands))
                         : FilterNode::any_of(std::move(operands));
    return word.negated ? FilterNode::negation_of(std::move(node)) : node;
  }

  // A column, perhaps with a path.
  FilterSubject subject() {
    const auto start = next_;
    const auto name = at('"') ? quoted() : std::string(unquoted_name());
    const auto column = std::find_if(stream_.columns.begin(), stream_.columns.end(),
                                     [&](const auto& each) { return each.name == name; });
    if (column == stream_.columns.end()) {
      fail(start, fmt::format("there is no column '{}'", name));
    }
    column_ = fmt::format("{} {}", column->name, column->type);
    const FilterType type(*column);
    if (!rest().starts_with("->")) return {column->name, {}, type};
    if (type.kind() != FilterType::Kind::kJsonb) {
      fail(next_, fmt::format("-> leads into jsonb, and the column is {}", column_));
    }
    return path(column->name, start);
  }

  FilterNodePtr operation(FilterSubject subject) {
    if (++conditions_ > Filter::kMaxConditions) {
      fail(next_, fmt::format("a filter has at most {} conditions", Filter::kMaxConditions));
    }
    const bool negated = take("not.");
    const auto start = next_;
    const auto word = take_while([](char c) { return c >= 'a' && c <= 'z'; });
    const auto op = operator_named(word);
    if (!op || !take(".")) {
      fail(start, fmt::format("expected an operator, a dot and a value, such as eq.1; the "
                              "operators are: {}, and not. before any of them",
                              operator_names()));
    }
    auto node = condition(std::move(subject), *op, start);
    return negated ? FilterNode::negation_of(std::move(node)) : node;
  }

  void expect(std::string_view text, std::string_view behind) {
    if (!take(text)) fail(next_, fmt::format("expected {} after {}", text, behind));
  }
  void expect_end() {
    if (!rest().empty()) fail(next_, "expected nothing more");
  }

  [[noreturn]] void fail(std::size_t at, const std::string& problem) const {
    throw FilterError(stream_, parameter_,
                      place_ == Place::kName ? std::nullopt : std::optional(at), problem);
  }

 private:
  FilterNodePtr item(std::size_t depth) {
    for (const auto& word : kGroupWords) {
      if (!rest().starts_with(fmt::format("{}(", word.word))) continue;
      next_ += word.word.size();
      return group(word, depth + 1);
    }
    auto column = subject();
    expect(".", "a column");
    return operation(std::move(column));
  }

  // `start`: of the column.
  FilterSubject path(const std::string& column, std::size_t start) {
    std::vector<JsonPath::Step> steps;
    bool to_text = false;
    while (!to_text && take("->")) {
      to_text = take(">");
      if (steps.size() == Filter::kMaxPathSteps) {
        fail(next_, fmt::format("a path has at most {} steps", Filter::kMaxPathSteps));
      }
      steps.push_back(step());
    }
    if (rest().starts_with("->")) fail(next_, "->> ends a path: before it, use ->");
    column_ =
        fmt::format("{} as {}", text_.substr(start, next_ - start), to_text ? "text" : "a number");
    return {column, JsonPath(std::move(steps)),
            to_text ? FilterType::text() : FilterType::number()};
  }

  JsonPath::Step step() {
    const auto start = next_;
    if (at('"')) return quoted();
    const auto word = unquoted_name();
    if (word.empty()) fail(start, "expected a key or the number of an element after the arrow");
    const auto digits = word.substr(word.starts_with('-') ? 1 : 0);
    if (digits.empty() || digits.find_first_not_of("0123456789") != digits.npos) {
      return std::string(word);
    }
    int index = 0;
    const auto parsed = std::from_chars(word.data(), word.data() + word.size(), index);
    if (parsed.ec != std::errc{}) fail(start, "no array has an element of that number");
    return index;
  }

  // `start`: of the operator.
  FilterNodePtr condition(FilterSubject subject, FilterOperator op, std::size_t start) {
    switch (op) {
      case FilterOperator::kIs: {
        const auto which = is_word(subject.type);
        return std::make_shared<const FilterCondition>(std::move(subject), which);
      }
      case FilterOperator::kLike:
        return pattern(std::move(subject), op, FilterPattern::Syntax::kLike, start);
      case FilterOperator::kIlike:
        return pattern(std::move(subject), op, FilterPattern::Syntax::kIlike, start);
      case FilterOperator::kMatch:
        return pattern(std::move(subject), op, FilterPattern::Syntax::kMatch, start);
      default:
        break;
    }
    if (!subject.type.comparable()) {
      fail(start, fmt::format("{} can only be compared by is.null{}", column_,
                              subject.type.kind() == FilterType::Kind::kJsonb
                                  ? ", or by a path such as ->>key"
                                  : ""));
    }
    std::vector<Operand> operands;
    if (op == FilterOperator::kIn) {
      operands = list(subject.type);
    } else {
      operands.push_back(operand(subject.type, value()));
    }
    return std::make_shared<const FilterCondition>(std::move(subject), op, std::move(operands));
  }

  Is is_word(const FilterType& type) {
    const auto given = value();
    const std::string_view word = given.text;
    if (word == "null") return Is::kNull;
    if (type.kind() != FilterType::Kind::kBoolean) {
      fail(given.start, "expected is.null; true, false and unknown are for boolean columns");
    }
    if (word == "true") return Is::kTrue;
    if (word == "false") return Is::kFalse;
    if (word == "unknown") return Is::kUnknown;
    fail(given.start, "expected is.null, is.true, is.false or is.unknown");
  }

  FilterNodePtr pattern(FilterSubject subject, FilterOperator op, FilterPattern::Syntax syntax,
                        std::size_t start) {
    if (!subject.type.textual()) {
      fail(start, fmt::format("{} is for text, and the column is {}", name_of(op), column_));
    }
    const auto given = value();
    if (given.text.size() > Filter::kMaxPatternBytes) {
      fail(given.start, fmt::format("a pattern has at most {} bytes", Filter::kMaxPatternBytes));
    }
    try {
      return std::make_shared<const FilterCondition>(
          std::move(subject), op, std::make_unique<const FilterPattern>(syntax, given.text));
    } catch (const BadPattern& bad) {
      fail(offset_in(given, bad.offset), fmt::format("expected {}", bad.what()));
    }
  }

  std::vector<Operand> list(const FilterType& type) {
    if (!take("(")) fail(next_, "expected a list such as (a,b,\"c, d\")");
    std::vector<Operand> operands;
    do {
      if (operands.size() == Filter::kMaxList) {
        fail(next_, fmt::format("a list has at most {} elements", Filter::kMaxList));
      }
      auto element = element_value();
      if (element.text.empty() && !element.quoted) {
        fail(element.start, "expected an element of the list; the empty text is \"\"");
      }
      operands.push_back(operand(type, element));
    } while (take(","));
    if (!take(")")) fail(next_, "expected , and another element, or )");
    return operands;
  }

  Operand operand(const FilterType& type, const Value& given) const {
    try {
      return type.parse(given.text);
    } catch (const BadValue& bad) {
      fail(given.start, fmt::format("expected {}, to compare with {}", bad.what(), column_));
    }
  }

  Value value() {
    if (place_ == Place::kParentheses) return element_value();
    Value all{std::string(rest()), next_, false};
    next_ = text_.size();
    return all;
  }

  Value element_value() {
    const auto start = next_;
    if (!at('"')) {
      return {std::string(take_while([](char c) { return c != ',' && c != ')'; })), start, false};
    }
    auto text = quoted();
    if (!at(',') && !at(')')) fail(next_, "expected , or ) after a quoted value");
    return {std::move(text), start, true};
  }

  // Where the byte `offset` of a value stands in the text.
  [[nodiscard]] std::size_t offset_in(const Value& value, std::size_t offset) const {
    if (!value.quoted) return value.start + offset;
    auto at = value.start + 1;
    for (; offset > 0; --offset) at += text_[at] == '\\' ? 2 : 1;
    return at;
  }

  std::string quoted() {
    const auto start = next_++;
    std::string text;
    for (; next_ < text_.size(); ++next_) {
      if (at('"')) {
        ++next_;
        return text;
      }
      if (at('\\') && next_ + 1 < text_.size()) ++next_;
      text += text_[next_];
    }
    fail(start, "expected a \" that ends what this one begins");
  }

  std::string_view unquoted_name() {
    const auto start = next_;
    const std::string_view stops = place_ == Place::kName ? "" : ".,()\"";
    while (next_ < text_.size() && !rest().starts_with("->") &&
           stops.find(text_[next_]) == stops.npos) {
      ++next_;
    }
    return text_.substr(start, next_ - start);
  }

  [[nodiscard]] std::string_view rest() const { return text_.substr(next_); }
  [[nodiscard]] bool at(char c) const { return next_ < text_.size() && text_[next_] == c; }
  bool take(std::string_view text) {
    if (!rest().starts_with(text)) return false;
    next_ += text.size();
    return true;
  }
  template <typename Wanted>
  std::string_view take_while(Wanted wanted) {
    const auto start = next_;
    while (next_ < text_.size() && wanted(text_[next_])) ++next_;
    return text_.substr(start, next_ - start);
  }
  void skip_spaces() {
    take_while([](char c) { return c == ' '; });
  }

  const StreamInfo& stream_;
  const Parameter& parameter_;
  std::string_view text_;
  Place place_ = Place::kName;
  std::size_t& conditions_;
  std::size_t next_ = 0;
  std::string column_;  // that was read last, and what it is compared as: for errors
};

}  // namespace

FilterNodePtr FilterParser::parse(const Parameter& parameter) {
  Reader reader(stream_, parameter, conditions_);
  for (const auto& word : kGroupWords) {
    if (parameter.name != word.word) continue;
    reader.go_to_value(Place::kParentheses);
    auto node = reader.group(word, 1);
    reader.expect_end();
    return node;
  }
  auto subject = reader.subject();
  reader.expect_end();
  reader.go_to_value(Place::kValue);
  auto node = reader.operation(std::move(subject));
  reader.expect_end();
  return node;
}

}  // namespace ordercast
