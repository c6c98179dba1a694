#include "core/view_index.h"

#include <utility>

namespace ordercast {
namespace {

void note(std::vector<std::size_t>& indexes, std::size_t index) {
  if (indexes.empty() || indexes.back() != index) indexes.push_back(index);
}

}  // namespace

void ViewIndex::add(const ViewPtr& view) {
  auto& stream = streams_[view->stream()];
  auto demand = demand_of(*view, stream);
  if (demand) {
    auto& by_value = stream.by_column[demand->column];
    for (const auto& token : demand->tokens) by_value[token].insert(view);
    stream.demanding.insert(view);
  } else {
    stream.others.insert(view);
  }
  filed_.emplace(view, std::move(demand));
}

void ViewIndex::remove(const ViewPtr& view) {
  const auto filed = filed_.find(view);
  if (filed == filed_.end()) return;
  const auto stream = streams_.find(view->stream());
  if (const auto& demand = filed->second) {
    const auto by_value = stream->second.by_column.find(demand->column);
    for (const auto& token : demand->tokens) {
      const auto views = by_value->second.find(token);
      views->second.erase(view);
      if (views->second.empty()) by_value->second.erase(views);
    }
    if (by_value->second.empty()) stream->second.by_column.erase(by_value);
  }
  stream->second.demanding.erase(view);
  stream->second.others.erase(view);
  if (stream->second.demanding.empty() && stream->second.others.empty()) streams_.erase(stream);
  filed_.erase(filed);
}

void ViewIndex::visit(const ParsedBatch& page, const Visitor& visit) const {
  std::unordered_map<const Stream*, std::vector<std::size_t>> all;
  Found found;
  for (std::size_t index = 0; index < page.changes().size(); ++index) {
    const auto& parsed = page.changes()[index];
    const auto& change = parsed.change();
    const auto known = streams_.find(change.stream);
    if (known == streams_.end() || change.op == Op::kCatalog) continue;
    const Stream& stream = known->second;
    if (!stream.others.empty()) all[&stream].push_back(index);
    if (stream.demanding.empty()) continue;
    if (parsed.has_rows()) {
      if (change.op != Op::kInsert) look_up(stream, *parsed.old_row(), index, found);
      if (change.op != Op::kDelete) look_up(stream, *parsed.new_row(), index, found);
    } else {
      // A reset, a message, or rows too large to be looked at: for each view to judge.
      for (const auto& view : stream.demanding) found[view].push_back(index);
    }
  }
  for (const auto& [stream, indexes] : all) {
    for (const auto& view : stream->others) visit(view, indexes);
  }
  for (const auto& [view, indexes] : found) visit(view, indexes);
}

std::optional<Filter::RequiredValue> ViewIndex::demand_of(const View& view, const Stream& stream) {
  // Of several, the one that the fewest views share: `status=eq.paid` says less than a merchant's
  // number, and only the other views can tell.
  std::optional<Filter::RequiredValue> best;
  std::pair<std::size_t, std::size_t> best_cost;
  for (auto& demand : view.needed_values()) {
    std::pair<std::size_t, std::size_t> cost{0, demand.tokens.size()};
    const auto by_value = stream.by_column.find(demand.column);
    if (by_value != stream.by_column.end()) {
      for (const auto& token : demand.tokens) {
        const auto views = by_value->second.find(token);
        if (views != by_value->second.end()) cost.first += views->second.size();
      }
    }
    if (best && cost >= best_cost) continue;
    best = std::move(demand);
    best_cost = cost;
  }
  return best;
}

void ViewIndex::look_up(const Stream& stream, const Row& row, std::size_t index, Found& found) {
  for (const auto& [column, by_value] : stream.by_column) {
    // A column that the row does not have is NULL to a filter.
    const auto views = by_value.find(row.find(column).value_or("null"));
    if (views == by_value.end()) continue;
    for (const auto& view : views->second) note(found[view], index);
  }
}

}  // namespace ordercast
