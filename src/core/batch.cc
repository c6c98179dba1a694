#include "core/batch.h"

namespace ordercast {

Position Batch::end_for(const Position& reader) const {
  if (complete) return {now, std::nullopt};
  return {reader.seen, Position::InBatch{now, changes.back().seq}};
}

}  // namespace ordercast
