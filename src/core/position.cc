#include "core/position.h"

namespace ordercast {

bool Position::has(const Change& change) const {
  if (seen.sees(change.tx)) return true;
  return in_batch && change.seq <= in_batch->seq && in_batch->target.sees(change.tx);
}

}  // namespace ordercast
