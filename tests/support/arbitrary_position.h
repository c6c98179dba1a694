// RapidCheck generators of snapshots, positions and cursors as PostgreSQL and the hub can make
// them.
#pragma once

#include <rapidcheck.h>

#include <algorithm>
#include <limits>
#include <vector>

#include "core/cursor.h"

namespace ordercast::testing {

// Running ids below `above`, ascending, by their distances from above downward.
inline std::vector<TransactionId> ids_below(TransactionId above,
                                            const std::vector<TransactionId>& distances) {
  std::vector<TransactionId> ids;
  for (const auto distance : distances) {
    if (distance >= above) break;
    ids.push_back(above -= distance);
  }
  std::reverse(ids.begin(), ids.end());
  return ids;
}

inline Snapshot snapshot_of(TransactionId xmax, std::vector<TransactionId> xip) {
  const auto xmin = xip.empty() ? xmax : xip.front();
  return {xmin, xmax, std::move(xip)};
}

// A few ids near each other, or far apart.
inline rc::Gen<std::vector<TransactionId>> distances() {
  const auto distance =
      rc::gen::weightedOneOf<TransactionId>({{3, rc::gen::inRange<TransactionId>(1, 5)},
                                             {1, rc::gen::inRange<TransactionId>(1, 1 << 20)}});
  return rc::gen::container<std::vector<TransactionId>>(distance);
}

// Any valid snapshot whose xmax is at most `xmax_limit`.
inline rc::Gen<Snapshot> snapshots(TransactionId xmax_limit) {
  return rc::gen::exec([xmax_limit] {
    const auto any = rc::gen::suchThat(rc::gen::arbitrary<TransactionId>(),
                                       [=](auto id) { return id > 0 && id <= xmax_limit; });
    const auto xmax = *rc::gen::weightedOneOf<TransactionId>(
        {{1, rc::gen::inRange<TransactionId>(1, 12)}, {1, any}});
    return snapshot_of(xmax, ids_below(xmax, *distances()));
  });
}

// A snapshot that was taken at `earlier` or later: some of what ran then has ended, ids came and
// ended.
inline rc::Gen<Snapshot> snapshots_after(const Snapshot& earlier) {
  return rc::gen::exec([earlier] {
    const auto more = std::min<TransactionId>(
        *rc::gen::weightedOneOf<TransactionId>({{3, rc::gen::inRange<TransactionId>(0, 6)},
                                                {1, rc::gen::inRange<TransactionId>(0, 1 << 20)}}),
        std::numeric_limits<TransactionId>::max() - earlier.xmax);
    const auto xmax = earlier.xmax + more;
    std::vector<TransactionId> xip;
    for (const auto id : earlier.xip) {
      if (*rc::gen::arbitrary<bool>()) xip.push_back(id);
    }
    for (const auto id : ids_below(xmax, *distances())) {
      if (id >= earlier.xmax) xip.push_back(id);
    }
    return snapshot_of(xmax, std::move(xip));
  });
}

inline rc::Gen<Position> positions(TransactionId xmax_limit) {
  return rc::gen::exec([xmax_limit] {
    Position position{*snapshots(xmax_limit), std::nullopt};
    if (*rc::gen::arbitrary<bool>()) {
      const auto seq =
          *rc::gen::suchThat(rc::gen::arbitrary<std::int64_t>(), [](auto n) { return n >= 0; });
      position.in_batch = Position::InBatch{*snapshots_after(position.seen), seq};
    }
    return position;
  });
}

inline rc::Gen<Cursor> cursors() {
  return rc::gen::exec([] {
    constexpr std::uint64_t kEpochs = std::uint64_t{1} << (8 * Epoch::kBytes);
    const Epoch epoch{*rc::gen::arbitrary<std::uint64_t>() % kEpochs};
    return Cursor{epoch, *positions(std::numeric_limits<TransactionId>::max())};
  });
}

}  // namespace ordercast::testing
