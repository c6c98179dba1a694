// One condition on one column, or on what a path into it leads to. Immutable, thread-safe.
#pragma once

#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "core/filter_node.h"
#include "core/filter_pattern.h"
#include "core/filter_subject.h"
#include "core/filter_value.h"

namespace ordercast {

enum class FilterOperator {
  kEq,
  kNeq,
  kGt,
  kGte,
  kLt,
  kLte,
  kIn,
  kIs,
  kIsDistinct,
  kLike,
  kIlike,
  kMatch
};

// As clients and the canonical JSON spell it: "eq".
[[nodiscard]] std::string_view name_of(FilterOperator op);
[[nodiscard]] std::optional<FilterOperator> operator_named(std::string_view name);
// "eq, neq, …", for errors.
[[nodiscard]] std::string operator_names();

class FilterCondition : public FilterNode {
 public:
  // The test of the truth value itself, by `is`.
  enum class Is { kNull, kTrue, kFalse, kUnknown };

  // The operands of all but kIs, kLike, kIlike and kMatch: one, for kIn several.
  FilterCondition(FilterSubject subject, FilterOperator op, std::vector<Operand> operands);
  FilterCondition(FilterSubject subject, Is is);
  // kLike, kIlike or kMatch.
  FilterCondition(FilterSubject subject, FilterOperator op,
                  std::unique_ptr<const FilterPattern> pattern);

  [[nodiscard]] Truth of(const Row& row) const override;
  [[nodiscard]] std::vector<Filter::RequiredValue> needed_values() const override;

 private:
  // The JSON text that is compared; nullopt for NULL.
  [[nodiscard]] std::optional<std::string_view> token_in(const Row& row) const;
  [[nodiscard]] bool compare(const RowValue& value) const;
  [[nodiscard]] bool test_is(std::optional<std::string_view> token) const;

  FilterSubject subject_;
  FilterOperator op_;
  std::vector<Operand> operands_;
  Is is_ = Is::kNull;
  std::unique_ptr<const FilterPattern> pattern_;
};

}  // namespace ordercast
