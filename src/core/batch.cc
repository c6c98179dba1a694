#include "core/batch.h"

#include <algorithm>
#include <iterator>

namespace ordercast {

Position Batch::end_for(const Position& reader) const {
  if (complete) return {now, std::nullopt};
  return {reader.seen, Position::InBatch{now, changes.back().seq}};
}

bool Batch::reaches(const Position& bound) const {
  return complete && now.contains(bound.in_batch ? bound.in_batch->target : bound.seen);
}

Batch Batch::up_to(const Position& bound) const {
  const Snapshot& target = bound.in_batch ? bound.in_batch->target : bound.seen;
  if (!now.contains(target)) return *this;
  Batch part{.from = from, .now = target, .complete = complete && !bound.in_batch, .changes = {}};
  std::copy_if(changes.begin(), changes.end(), std::back_inserter(part.changes),
               [&](const Change& change) { return bound.has(change); });
  return part;
}

}  // namespace ordercast
