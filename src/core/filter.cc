#include "core/filter.h"

#include "core/filter_node.h"
#include "core/filter_parser.h"

namespace ordercast {

Filter Filter::parse(std::span<const Parameter> parameters, const StreamInfo& stream) {
  Filter filter;
  if (parameters.empty()) return filter;
  FilterParser parser(stream);
  std::vector<FilterNodePtr> conditions;
  for (const auto& parameter : parameters) conditions.push_back(parser.parse(parameter));
  filter.root_ = FilterNode::all_of(std::move(conditions));
  filter.canonical_ = filter.root_->canonical();
  return filter;
}

Filter Filter::both(const Filter& one, const Filter& other) {
  if (one.empty()) return other;
  if (other.empty()) return one;
  Filter filter;
  filter.root_ = FilterNode::all_of({one.root_, other.root_});
  filter.canonical_ = filter.root_->canonical();
  return filter;
}

bool Filter::matches(const Row& row) const {
  return !root_ || root_->of(row) == Truth::kTrue;
}

std::vector<Filter::RequiredValue> Filter::needed_values() const {
  return root_ ? root_->needed_values() : std::vector<RequiredValue>{};
}

}  // namespace ordercast
