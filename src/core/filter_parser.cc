#include "core/filter_parser.h"

#include <fmt/format.h>

#include <array>
#include <memory>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "core/filter_condition.h"
#include "core/filter_scanner.h"
#include "core/filter_subject.h"

namespace ordercast {
namespace {

using Is = FilterCondition::Is;
using Place = FilterScanner::Place;
using Value = FilterScanner::Value;

struct GroupWord {
  std::string_view word;
  bool negated;
  bool all;
};
constexpr std::array<GroupWord, 4> kGroupWords{
    {{"and", false, true}, {"or", false, false}, {"not.and", true, true}, {"not.or", true, false}}};

class Reader {
 public:
  Reader(const StreamInfo& stream, FilterScanner& text, std::size_t& conditions)
      : stream_(stream), text_(text), conditions_(conditions) {}

  FilterNodePtr group(const GroupWord& word, std::size_t depth) {
    if (depth > Filter::kMaxDepth) {
      text_.fail(fmt::format("a filter is at most {} levels deep", Filter::kMaxDepth));
    }
    if (!text_.take("(")) text_.fail("expected ( and conditions such as (id.eq.1,id.eq.2)");
    std::vector<FilterNodePtr> operands;
    do {
      text_.skip_spaces();
      operands.push_back(item(depth));
    } while (text_.take(","));
    if (!text_.take(")")) text_.fail("expected , and another condition, or )");
    auto node = word.all ? FilterNode::all_of(std::move(operands))
                         : FilterNode::any_of(std::move(operands));
    return word.negated ? FilterNode::negation_of(std::move(node)) : node;
  }

  FilterNodePtr operation(FilterSubject subject) {
    if (++conditions_ > Filter::kMaxConditions) {
      text_.fail(fmt::format("a filter has at most {} conditions", Filter::kMaxConditions));
    }
    const bool negated = text_.take("not.");
    const auto start = text_.offset();
    const auto word = text_.take_range('a', 'z');
    const auto op = operator_named(word);
    if (!op || !text_.take(".")) {
      text_.fail(start, fmt::format("expected an operator, a dot and a value, such as eq.1; the "
                                    "operators are: {}, and not. before any of them",
                                    operator_names()));
    }
    auto node = condition(std::move(subject), *op, start);
    return negated ? FilterNode::negation_of(std::move(node)) : node;
  }

 private:
  FilterNodePtr item(std::size_t depth) {
    for (const auto& word : kGroupWords) {
      if (!text_.rest().starts_with(fmt::format("{}(", word.word))) continue;
      text_.take(word.word);
      return group(word, depth + 1);
    }
    auto subject = FilterSubject::read(text_, stream_);
    text_.expect(".", "a column");
    return operation(std::move(subject));
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
      text_.fail(start, fmt::format("{} can only be compared by is.null{}", subject.description,
                                    subject.type.kind() == FilterType::Kind::kJsonb
                                        ? ", or by a path such as ->>key"
                                        : ""));
    }
    std::vector<Operand> operands;
    if (op == FilterOperator::kIn) {
      for (const auto& element : text_.list(Filter::kMaxList)) {
        operands.push_back(operand(subject, element));
      }
    } else {
      operands.push_back(operand(subject, text_.value()));
    }
    return std::make_shared<const FilterCondition>(std::move(subject), op, std::move(operands));
  }

  Is is_word(const FilterType& type) {
    const auto given = text_.value();
    const std::string_view word = given.text;
    if (word == "null") return Is::kNull;
    if (type.kind() != FilterType::Kind::kBoolean) {
      text_.fail(given.start, "expected is.null; true, false and unknown are for boolean columns");
    }
    if (word == "true") return Is::kTrue;
    if (word == "false") return Is::kFalse;
    if (word == "unknown") return Is::kUnknown;
    text_.fail(given.start, "expected is.null, is.true, is.false or is.unknown");
  }

  FilterNodePtr pattern(FilterSubject subject, FilterOperator op, FilterPattern::Syntax syntax,
                        std::size_t start) {
    if (!subject.type.textual()) {
      text_.fail(start, fmt::format("{} is for text, and the column is {}", name_of(op),
                                    subject.description));
    }
    const auto given = text_.value();
    if (given.text.size() > Filter::kMaxPatternBytes) {
      text_.fail(given.start,
                 fmt::format("a pattern has at most {} bytes", Filter::kMaxPatternBytes));
    }
    try {
      return std::make_shared<const FilterCondition>(
          std::move(subject), op, std::make_unique<const FilterPattern>(syntax, given.text));
    } catch (const BadPattern& bad) {
      text_.fail(text_.offset_in(given, bad.offset), fmt::format("expected {}", bad.what()));
    }
  }

  Operand operand(const FilterSubject& subject, const Value& given) const {
    try {
      return subject.type.parse(given.text);
    } catch (const BadValue& bad) {
      text_.fail(given.start,
                 fmt::format("expected {}, to compare with {}", bad.what(), subject.description));
    }
  }

  const StreamInfo& stream_;
  FilterScanner& text_;
  std::size_t& conditions_;
};

}  // namespace

FilterNodePtr FilterParser::parse(const Parameter& parameter) {
  FilterScanner text(stream_, parameter);
  Reader reader(stream_, text, conditions_);
  for (const auto& word : kGroupWords) {
    if (parameter.name != word.word) continue;
    text.go_to_value(Place::kParentheses);
    auto node = reader.group(word, 1);
    text.expect_end();
    return node;
  }
  auto subject = FilterSubject::read(text, stream_);
  text.expect_end();
  text.go_to_value(Place::kValue);
  auto node = reader.operation(std::move(subject));
  text.expect_end();
  return node;
}

}  // namespace ordercast
