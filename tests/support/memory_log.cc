#include "support/memory_log.h"

#include <fmt/format.h>

#include <algorithm>

namespace ordercast::testing {

bool sees(const Snapshot& snapshot, TransactionId tx) {
  return tx < snapshot.xmax && std::count(snapshot.xip.begin(), snapshot.xip.end(), tx) == 0;
}

bool has(const Position& position, const Change& change) {
  if (sees(position.seen, change.tx)) return true;
  const auto& in_batch = position.in_batch;
  return in_batch && sees(in_batch->target, change.tx) && change.seq <= in_batch->seq;
}

TransactionId MemoryLog::begin() {
  MutexLock lock(mutex_);
  running_.insert(next_tx_);
  return next_tx_++;
}

std::optional<std::int64_t> MemoryLog::put(TransactionId tx, const std::string& stream, int id) {
  return write(tx, stream, id, false);
}

std::optional<std::int64_t> MemoryLog::remove(TransactionId tx, const std::string& stream, int id) {
  return write(tx, stream, id, true);
}

std::optional<std::int64_t> MemoryLog::write(TransactionId tx, const std::string& stream, int id,
                                             bool remove) {
  MutexLock lock(mutex_);
  Change change;
  change.key = fmt::format(R"({{"id":{}}})", id);
  const std::pair row(stream, change.key);
  const auto holder = locks_.find(row);
  if (holder != locks_.end() && holder->second != tx) return std::nullopt;

  // Whoever wrote last has committed, or is this transaction: another one would hold the lock.
  const auto last = std::find_if(changes_.rbegin(), changes_.rend(), [&row](const auto& each) {
    return each.second.stream == row.first && each.second.key == row.second;
  });
  if (last != changes_.rend()) change.old_row = last->second.new_row;
  if (remove && change.old_row.empty()) return std::nullopt;

  locks_[row] = tx;
  change.seq = ++last_seq_;
  change.tx = tx;
  change.stream = stream;
  change.at = "2026-11-23T17:56:29.123456Z";
  change.op = remove ? Op::kDelete : change.old_row.empty() ? Op::kInsert : Op::kUpdate;
  if (!remove) change.new_row = fmt::format(R"({{"id":{},"version":{}}})", id, change.seq);
  changes_.emplace(last_seq_, std::move(change));
  return last_seq_;
}

void MemoryLog::commit(TransactionId tx) {
  MutexLock lock(mutex_);
  end(tx);
}

void MemoryLog::roll_back(TransactionId tx) {
  MutexLock lock(mutex_);
  end(tx);
  std::erase_if(changes_, [tx](const auto& each) { return each.second.tx == tx; });
}

void MemoryLog::end(TransactionId tx) {
  running_.erase(tx);
  latest_ended_ = std::max(latest_ended_, tx);
  std::erase_if(locks_, [tx](const auto& each) { return each.second == tx; });
}

void MemoryLog::commit_one(const std::string& stream, int id) {
  const auto tx = begin();
  put(tx, stream, id);
  commit(tx);
}

void MemoryLog::drop_before(std::int64_t seq) {
  MutexLock lock(mutex_);
  oldest_seq_ = std::max(oldest_seq_, seq);
}

void MemoryLog::set_available(bool available) {
  MutexLock lock(mutex_);
  available_ = available;
}

void MemoryLog::set_looks_ahead(bool looks_ahead) {
  MutexLock lock(mutex_);
  looks_ahead_ = looks_ahead;
}

void MemoryLog::set_interruption(std::function<void()> interruption) {
  MutexLock lock(mutex_);
  interruption_ = std::move(interruption);
}

void MemoryLog::interrupt() const {
  std::function<void()> interruption;
  {
    MutexLock lock(mutex_);
    interruption = interruption_;
  }
  if (interruption) interruption();
}

Snapshot MemoryLog::snapshot() const {
  Snapshot snapshot;
  snapshot.xmax = latest_ended_ + 1;
  snapshot.xip.assign(running_.begin(), running_.lower_bound(snapshot.xmax));
  snapshot.xmin = snapshot.xip.empty() ? snapshot.xmax : snapshot.xip.front();
  return snapshot;
}

Position MemoryLog::position() const {
  MutexLock lock(mutex_);
  return {snapshot(), std::nullopt};
}

std::vector<const Change*> MemoryLog::visible(const Snapshot& snapshot) const {
  std::vector<const Change*> found;
  for (const auto& [seq, change] : changes_) {
    if (sees(snapshot, change.tx)) found.push_back(&change);
  }
  return found;
}

std::vector<const Change*> MemoryLog::committed() const {
  MutexLock lock(mutex_);
  return visible(snapshot());
}

const Change* MemoryLog::find_committed(std::int64_t seq) const {
  MutexLock lock(mutex_);
  const auto found = changes_.find(seq);
  if (found == changes_.end() || running_.count(found->second.tx) == 1) return nullptr;
  return &found->second;
}

MemoryLog::Rows MemoryLog::rows(const std::string& stream) const {
  MutexLock lock(mutex_);
  return rows_at(snapshot(), stream);
}

MemoryLog::Rows MemoryLog::rows_at(const Snapshot& snapshot, std::string_view stream) const {
  Rows rows;
  for (const auto* change : visible(snapshot)) {
    if (change->stream == stream) rows[change->key] = change->new_row;
  }
  std::erase_if(rows, [](const auto& row) { return row.second.empty(); });
  return rows;
}

void MemoryLog::refuse_lost(const Position& from) const {
  if (!available_) throw HistoryUnavailable("the log is told not to answer");
  const Snapshot now = snapshot();
  const auto beyond = [&](const Snapshot& snapshot) REQUIRES(mutex_) {
    bool ahead = snapshot.xmax > next_tx_;
    for (auto tx = now.xmin; tx < snapshot.xmax && !ahead; ++tx) {
      ahead = sees(snapshot, tx) && !sees(now, tx);
    }
    return ahead;
  };
  if (beyond(from.seen) || (from.in_batch && beyond(from.in_batch->target))) {
    throw HistoryLost("epoch");
  }
  for (const auto* change : visible(now)) {
    if (change->seq < oldest_seq_ && !has(from, *change)) throw HistoryLost("retention");
  }
}

Batch MemoryLog::read_after(const Position& from) {
  interrupt();
  Batch page;
  {
    MutexLock lock(mutex_);
    refuse_lost(from);
    page = page_after(from);
  }
  interrupt();
  return page;
}

Batch MemoryLog::read_earliest(const Epoch&) {
  interrupt();
  Batch page;
  {
    MutexLock lock(mutex_);
    if (!available_) throw HistoryUnavailable("the log is told not to answer");
    page = page_after(earliest());
  }
  interrupt();
  return page;
}

Position MemoryLog::earliest() const {
  TransactionId first_kept = 1;
  for (const auto* change : visible(snapshot())) {
    if (change->seq < oldest_seq_) first_kept = std::max(first_kept, change->tx + 1);
  }
  return {{first_kept, first_kept, {}}, std::nullopt};
}

Batch MemoryLog::page_after(const Position& from) const {
  Batch page;
  page.from = from;
  page.now = from.in_batch ? from.in_batch->target : snapshot();
  for (const auto* change : visible(page.now)) {
    if (has(from, *change)) continue;
    if (page.changes.size() == page_rows_) {
      page.complete = false;
      break;
    }
    page.changes.push_back(*change);
  }
  if (!looks_ahead_ && page.changes.size() == page_rows_) page.complete = false;
  return page;
}

Position MemoryLog::read_head(const Epoch&) {
  MutexLock lock(mutex_);
  if (!available_) throw HistoryUnavailable("the log is told not to answer");
  return {snapshot(), std::nullopt};
}

std::optional<Change> MemoryLog::find_change(const Epoch&, std::int64_t seq) {
  const auto* change = find_committed(seq);
  return change ? std::optional(*change) : std::nullopt;
}

Position MemoryLog::read_rows(const Epoch&, const RowQuery& query,
                              const std::function<bool(std::vector<SnapshotRow>)>& page) {
  interrupt();
  Position position;
  Rows rows;
  {
    MutexLock lock(mutex_);
    if (!available_) throw HistoryUnavailable("the log is told not to answer");
    position.seen = snapshot();
    rows = rows_at(position.seen, query.stream);
  }
  std::vector<SnapshotRow> some;
  for (const auto& [key, row] : rows) {
    if (!query.filter.matches(Row(row))) continue;
    some.push_back({key, row});
    if (some.size() == page_rows_ && !page(std::exchange(some, {}))) return position;
  }
  if (!some.empty()) page(std::move(some));
  interrupt();
  return position;
}

}  // namespace ordercast::testing
