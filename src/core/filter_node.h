// A filter as a tree: conditions joined by AND, OR and NOT, with SQL's three truth values.
// Immutable, thread-safe. The parser bounds its depth, so that walking it may recurse.
#pragma once

#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "core/filter.h"
#include "core/row.h"

namespace ordercast {

// In this order AND is the least, OR the greatest, NOT the mirror image.
enum class Truth { kFalse, kUnknown, kTrue };

class FilterNode;
using FilterNodePtr = std::shared_ptr<const FilterNode>;

class FilterNode {
 public:
  virtual ~FilterNode() = default;
  FilterNode(const FilterNode&) = delete;
  FilterNode& operator=(const FilterNode&) = delete;

  [[nodiscard]] virtual Truth of(const Row& row) const = 0;
  // What must hold of single columns for this to be true.
  [[nodiscard]] virtual std::vector<Filter::RequiredValue> needed_values() const { return {}; }

  // As JSON: see Filter::canonical().
  [[nodiscard]] const std::string& canonical() const { return canonical_; }

  [[nodiscard]] static FilterNodePtr all_of(std::vector<FilterNodePtr> operands);
  [[nodiscard]] static FilterNodePtr any_of(std::vector<FilterNodePtr> operands);
  [[nodiscard]] static FilterNodePtr negation_of(FilterNodePtr operand);

 protected:
  explicit FilterNode(std::string canonical) : canonical_(std::move(canonical)) {}

 private:
  std::string canonical_;
};

}  // namespace ordercast
