// The pages that the backlog no longer has, read for subscribers that lag or resume: each page once
// for all of a tenant (core/on_behalf_of.h) who ask for it meanwhile, and the last ones are kept
// for all who come a little later. So a crowd that comes back at once, as after a restart, costs a
// few reads, not one for each. Nobody waits for another tenant's read, which may be the last in the
// queue of a thousand. Thread-safe; no lock is held while the database is read.
#pragma once

#include <atomic>
#include <cstddef>
#include <exception>
#include <list>
#include <memory>
#include <string>

#include "base/mutex.h"
#include "core/history_reader.h"
#include "hub/page.h"

namespace ordercast::hub {

class History {
 public:
  // `reader` outlives it. `max_bytes`: of pages kept, and of those that somebody still sends.
  History(HistoryReader& reader, std::size_t max_bytes) : reader_(reader), max_bytes_(max_bytes) {}

  // The page after `from`. Throws HistoryLost, HistoryUnavailable: as whoever read it was told.
  [[nodiscard]] PagePtr read_after(const Epoch& epoch, const Position& from) EXCLUDES(mutex_);
  // The first page of all that is kept, read for this one caller. Throws HistoryUnavailable.
  [[nodiscard]] PagePtr read_earliest(const Epoch& epoch);
  // What of `page` a reader wants that stops at `bound`, for this one caller.
  [[nodiscard]] PagePtr up_to(const PagePtr& page, const Epoch& epoch, const Position& bound);
  // As HistoryReader::read_head.
  [[nodiscard]] Position read_head(const Epoch& epoch) { return reader_.read_head(epoch); }
  // As HistoryReader::read_rows.
  [[nodiscard]] Position read_rows(const Epoch& epoch, const RowQuery& query,
                                   const std::function<bool(std::vector<SnapshotRow>)>& page) {
    return reader_.read_rows(epoch, query, page);
  }

 private:
  struct Entry {
    Epoch epoch;
    Position from;
    std::string tenant;  // whose thread reads it
    // Both null while somebody reads it.
    PagePtr page;
    std::exception_ptr failure;
  };
  using EntryPtr = std::shared_ptr<Entry>;

  // One that is read, or is being read for the same tenant.
  [[nodiscard]] EntryPtr find(const Epoch& epoch, const Position& from) REQUIRES(mutex_);
  void fill(const EntryPtr& entry, PagePtr page, std::exception_ptr failure) EXCLUDES(mutex_);
  void forget_oldest() REQUIRES(mutex_);

  HistoryReader& reader_;
  const std::size_t max_bytes_;
  std::atomic<std::size_t> memory_ = 0;  // before entries_, whose pages count themselves out of it
  Mutex mutex_;
  CondVar filled_;
  std::list<EntryPtr> entries_ GUARDED_BY(mutex_);  // the newest first
};

}  // namespace ordercast::hub
