// How far a reader has come in the change log. Value type.
//
// Sequence numbers are given out before commit, so "everything up to seq n" loses what commits
// late. A position is a snapshot instead: read are the changes that `seen` sees. A reader that
// stopped inside the batch (seen, target] has also read that batch up to `seq`
// (docs/architecture.md, "Positions").
#pragma once

#include <cstdint>
#include <optional>

#include "core/change.h"
#include "core/snapshot.h"

namespace ordercast {

struct Position {
  struct InBatch {
    Snapshot target;
    std::int64_t seq = 0;
    friend bool operator==(const InBatch&, const InBatch&) = default;
  };

  Snapshot seen;
  std::optional<InBatch> in_batch;

  // The reader has had this change already.
  [[nodiscard]] bool has(const Change& change) const;
  friend bool operator==(const Position&, const Position&) = default;
};

}  // namespace ordercast
