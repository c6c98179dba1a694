// The rows that are there now, read once for all who ask for the same of them at about the same
// time: 1,000 clients that come at once cost a few queries. Thread-safe; no lock is held while the
// database is read.
//
// Sharing is exact: the rows are those of one snapshot, and whoever was sent them continues right
// after that very snapshot, from the backlog or the log, like anybody who resumes there. So nothing
// is missed and nothing comes twice, however old the rows are. That they are hardly older than the
// request is for those who look at the rows alone: they are shared while they are read, and when a
// crowd asked for them, until kFresh after the read began. Who comes alone has rows of his own.
#pragma once

#include <chrono>
#include <cstdint>
#include <list>
#include <optional>

#include "base/mutex.h"
#include "core/cursor.h"
#include "core/row_query.h"
#include "core/view.h"
#include "hub/history.h"
#include "hub/row_share.h"

namespace ordercast::hub {

class PresentRows {
 public:
  // A crowd that is sent here by one event arrives within a few times this long; nobody notices
  // rows that are so old.
  static constexpr std::chrono::milliseconds kFresh{100};

  // `history` outlives it.
  explicit PresentRows(History& history, std::chrono::milliseconds fresh = kFresh)
      : history_(history), fresh_(fresh) {}

  struct Wish {
    Epoch epoch;
    ViewPtr view;    // equal views are one object
    RowQuery query;  // with the view's filter
    // Rows that may be older are of no use.
    std::optional<Snapshot> at_least = std::nullopt;
  };
  // Sends the rows as the view shows them, and returns the position that they are of; nullopt when
  // the client is gone. `head`: where the log is known to stand. Throws HistoryUnavailable, as
  // whoever read them was told.
  [[nodiscard]] std::optional<Position> send(const Wish& wish, const Position& head,
                                             const RowSink& sink) EXCLUDES(mutex_);

 private:
  using Time = std::chrono::steady_clock::time_point;
  struct Entry {
    Epoch epoch;
    ViewPtr view;
    std::string order;
    std::optional<std::int64_t> limit;
    RowSharePtr share;
    std::optional<Time> until;  // none while it is read
  };
  // Read and kept for those who come a little later. With the memory of a share this bounds what
  // stays when nobody comes.
  static constexpr std::size_t kMostKept = 4;

  struct Joined {
    RowSharePtr share;
    bool first;  // he reads them
  };
  [[nodiscard]] Joined join(const Wish& wish, const Position& head) EXCLUDES(mutex_);
  // In the place of `refused`, should that still be there.
  [[nodiscard]] Joined find_or_add(const Wish& wish, const Position& head,
                                   const RowSharePtr& refused) EXCLUDES(mutex_);
  // False when the reader's own client has gone meanwhile.
  [[nodiscard]] bool read(const Wish& wish, const RowSharePtr& share, const RowSink& sink)
      EXCLUDES(mutex_);
  void keep_or_forget(const RowSharePtr& share, Time until) EXCLUDES(mutex_);
  void forget_stale(Time now) REQUIRES(mutex_);

  History& history_;
  const std::chrono::milliseconds fresh_;
  Mutex mutex_;
  std::list<Entry> entries_ GUARDED_BY(mutex_);  // the newest first
};

}  // namespace ordercast::hub
