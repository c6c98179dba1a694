// The changes visible in the snapshot `now` but not in the one before it, ordered by seq; or one
// page of them when they are many. Immutable once published, shared between threads.
#pragma once

#include <memory>
#include <vector>

#include "core/change.h"
#include "core/position.h"

namespace ordercast {

struct Batch {
  Position from;  // where the log's reader stood before this page
  Snapshot now;
  bool complete =
      true;  // no further page leads up to `now`; a page that is not complete is never empty
  std::vector<Change> changes;

  // Where the log's reader stands after this page.
  [[nodiscard]] Position end() const { return end_for(from); }
  // Where another reader stands after it that stood at `reader`, and has had all that is in `from`.
  [[nodiscard]] Position end_for(const Position& reader) const;

  // This page reaches all that `bound` has had, or goes beyond: no page after it has more of that.
  [[nodiscard]] bool reaches(const Position& bound) const;
  // What of this page `bound` has had, as a page on the way there: who was sent it stands at its
  // end, and nowhere where he would miss what was left out. `bound` is no earlier than `from`.
  [[nodiscard]] Batch up_to(const Position& bound) const;
};

using BatchPtr = std::shared_ptr<const Batch>;

}  // namespace ordercast
