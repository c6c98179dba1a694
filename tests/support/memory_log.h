// A change log in memory that behaves as PostgreSQL's does: transactions get their ids when they
// begin, changes their seq when they are written, and readers see both when the transaction
// commits, in whatever order that is. Rows are locked from their first change to the end of the
// transaction. What is visible is decided here by the definition, not by the code under test.
// Thread-safe.
#pragma once

#include <functional>
#include <map>
#include <optional>
#include <set>
#include <string>
#include <utility>
#include <vector>

#include "base/mutex.h"
#include "core/history_reader.h"

namespace ordercast::testing {

// What a snapshot or a position means (PostgreSQL 15 manual, 9.27.8; core/position.h).
[[nodiscard]] bool sees(const Snapshot& snapshot, TransactionId tx);
[[nodiscard]] bool has(const Position& position, const Change& change);

class MemoryLog : public HistoryReader {
 public:
  explicit MemoryLog(std::size_t page_rows = kPageRows) : page_rows_(page_rows) {}

  // What writers do.
  [[nodiscard]] TransactionId begin() EXCLUDES(mutex_);
  // Inserts or updates a row of `stream`; returns the seq. nullopt when another running transaction
  // has locked it.
  std::optional<std::int64_t> put(TransactionId tx, const std::string& stream, int id)
      EXCLUDES(mutex_);
  // The same for a delete; also nullopt when there is no such row.
  std::optional<std::int64_t> remove(TransactionId tx, const std::string& stream, int id)
      EXCLUDES(mutex_);
  void commit(TransactionId tx) EXCLUDES(mutex_);
  void roll_back(TransactionId tx) EXCLUDES(mutex_);
  // A transaction of one row.
  void commit_one(const std::string& stream, int id) EXCLUDES(mutex_);

  // Retention: drops the committed changes below `seq`, and not the rows.
  void drop_before(std::int64_t seq) EXCLUDES(mutex_);
  // While it is not available, reads throw HistoryUnavailable.
  void set_available(bool available) EXCLUDES(mutex_);
  // Says of a page that is exactly full that more follow, without looking.
  void set_looks_ahead(bool looks_ahead) EXCLUDES(mutex_);
  // Runs in the midst of each read, without a lock, as other threads would.
  void set_interruption(std::function<void()> interruption) EXCLUDES(mutex_);

  // Where a reader stands that has had all.
  [[nodiscard]] Position position() const EXCLUDES(mutex_);
  // By seq, also what retention has dropped. They stay where they are as long as the log lives.
  [[nodiscard]] std::vector<const Change*> committed() const EXCLUDES(mutex_);
  // Null when there is none that has committed.
  [[nodiscard]] const Change* find_committed(std::int64_t seq) const EXCLUDES(mutex_);
  // Key and row, both as JSON.
  using Rows = std::map<std::string, std::string>;
  [[nodiscard]] Rows rows(const std::string& stream) const EXCLUDES(mutex_);

  // It is in one epoch for ever, whatever it is called.
  [[nodiscard]] Batch read_after(const Position& from) EXCLUDES(mutex_);
  [[nodiscard]] Batch read_after(const Epoch&, const Position& from) override {
    return read_after(from);
  }
  [[nodiscard]] Batch read_earliest(const Epoch&) override EXCLUDES(mutex_);
  [[nodiscard]] Position read_head(const Epoch&) override EXCLUDES(mutex_);
  [[nodiscard]] std::optional<Change> find_change(const Epoch&, std::int64_t seq) override
      EXCLUDES(mutex_);
  [[nodiscard]] Position read_rows(
      const Epoch&, const RowQuery& query,
      const std::function<bool(std::vector<SnapshotRow>)>& page) override EXCLUDES(mutex_);

 private:
  std::optional<std::int64_t> write(TransactionId tx, const std::string& stream, int id,
                                    bool remove) EXCLUDES(mutex_);
  void end(TransactionId tx) REQUIRES(mutex_);
  void interrupt() const EXCLUDES(mutex_);
  [[nodiscard]] Snapshot snapshot() const REQUIRES(mutex_);
  // What `snapshot` sees, by seq.
  [[nodiscard]] std::vector<const Change*> visible(const Snapshot& snapshot) const REQUIRES(mutex_);
  [[nodiscard]] Rows rows_at(const Snapshot& snapshot, std::string_view stream) const
      REQUIRES(mutex_);
  void refuse_lost(const Position& from) const REQUIRES(mutex_);
  // The position of whom nothing is dropped that it has not had.
  [[nodiscard]] Position earliest() const REQUIRES(mutex_);
  [[nodiscard]] Batch page_after(const Position& from) const REQUIRES(mutex_);

  mutable Mutex mutex_;
  const std::size_t page_rows_;
  bool available_ GUARDED_BY(mutex_) = true;
  bool looks_ahead_ GUARDED_BY(mutex_) = true;
  std::function<void()> interruption_ GUARDED_BY(mutex_);
  TransactionId next_tx_ GUARDED_BY(mutex_) = 3;
  TransactionId latest_ended_ GUARDED_BY(mutex_) = 2;
  std::set<TransactionId> running_ GUARDED_BY(mutex_);
  std::int64_t last_seq_ GUARDED_BY(mutex_) = 0;
  std::int64_t oldest_seq_ GUARDED_BY(mutex_) = 0;
  std::map<std::int64_t, Change> changes_ GUARDED_BY(mutex_);  // of running and committed ones
  std::map<std::pair<std::string, std::string>, TransactionId> locks_
      GUARDED_BY(mutex_);  // by stream and key
};

}  // namespace ordercast::testing
