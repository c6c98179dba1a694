#include "core/filter_node.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <iterator>
#include <map>
#include <optional>

namespace ordercast {
namespace {

enum class Joint { kAnd, kOr };

std::string joined(Joint joint, const std::vector<FilterNodePtr>& operands) {
  std::vector<std::string_view> texts;
  texts.reserve(operands.size());
  for (const auto& operand : operands) texts.push_back(operand->canonical());
  return fmt::format(R"({{"{}":[{}]}})", joint == Joint::kAnd ? "and" : "or",
                     fmt::join(texts, ","));
}

class Group : public FilterNode {
 public:
  Group(Joint joint, std::vector<FilterNodePtr> operands)
      : FilterNode(joined(joint, operands)), joint_(joint), operands_(std::move(operands)) {}

  [[nodiscard]] Joint joint() const { return joint_; }
  [[nodiscard]] const std::vector<FilterNodePtr>& operands() const { return operands_; }

  [[nodiscard]] Truth of(const Row& row) const override {
    const bool all = joint_ == Joint::kAnd;
    const auto decided = all ? Truth::kFalse : Truth::kTrue;
    auto truth = all ? Truth::kTrue : Truth::kFalse;
    for (const auto& operand : operands_) {
      const auto one = operand->of(row);
      if (one == decided) return decided;
      truth = all ? std::min(truth, one) : std::max(truth, one);
    }
    return truth;
  }

  [[nodiscard]] std::vector<Filter::RequiredValue> needed_values() const override {
    if (joint_ == Joint::kOr) return {};
    std::map<std::string, std::vector<std::string>> needed;
    for (const auto& operand : operands_) {
      for (auto& [column, tokens] : operand->needed_values()) {
        const auto [known, is_new] = needed.try_emplace(column, tokens);
        if (is_new) continue;
        std::vector<std::string> both;
        std::set_intersection(known->second.begin(), known->second.end(), tokens.begin(),
                              tokens.end(), std::back_inserter(both));
        known->second = std::move(both);
      }
    }
    std::vector<Filter::RequiredValue> values;
    values.reserve(needed.size());
    for (auto& [column, tokens] : needed) values.push_back({column, std::move(tokens)});
    return values;
  }

 private:
  Joint joint_;
  std::vector<FilterNodePtr> operands_;
};

class Negation : public FilterNode {
 public:
  explicit Negation(FilterNodePtr operand)
      : FilterNode(fmt::format(R"({{"not":{}}})", operand->canonical())),
        operand_(std::move(operand)) {}

  [[nodiscard]] const FilterNodePtr& operand() const { return operand_; }

  [[nodiscard]] Truth of(const Row& row) const override {
    switch (operand_->of(row)) {
      case Truth::kFalse:
        return Truth::kTrue;
      case Truth::kTrue:
        return Truth::kFalse;
      case Truth::kUnknown:
        break;
    }
    return Truth::kUnknown;
  }

 private:
  FilterNodePtr operand_;
};

// Operands of a group within the same kind of group, their order and repetition change nothing.
FilterNodePtr group_of(Joint joint, std::vector<FilterNodePtr> operands) {
  std::vector<FilterNodePtr> flat;
  for (auto& operand : operands) {
    const auto* const inner = dynamic_cast<const Group*>(operand.get());
    if (inner != nullptr && inner->joint() == joint) {
      flat.insert(flat.end(), inner->operands().begin(), inner->operands().end());
    } else {
      flat.push_back(std::move(operand));
    }
  }
  std::sort(flat.begin(), flat.end(),
            [](const auto& a, const auto& b) { return a->canonical() < b->canonical(); });
  flat.erase(
      std::unique(flat.begin(), flat.end(),
                  [](const auto& a, const auto& b) { return a->canonical() == b->canonical(); }),
      flat.end());
  if (flat.size() == 1) return flat.front();
  return std::make_shared<const Group>(joint, std::move(flat));
}

}  // namespace

FilterNodePtr FilterNode::all_of(std::vector<FilterNodePtr> operands) {
  return group_of(Joint::kAnd, std::move(operands));
}

FilterNodePtr FilterNode::any_of(std::vector<FilterNodePtr> operands) {
  return group_of(Joint::kOr, std::move(operands));
}

FilterNodePtr FilterNode::negation_of(FilterNodePtr operand) {
  if (const auto* const inner = dynamic_cast<const Negation*>(operand.get())) {
    return inner->operand();
  }
  return std::make_shared<const Negation>(std::move(operand));
}

}  // namespace ordercast
