// Reads committed changes and rows: the seam between the hub and PostgreSQL. pg::LogReader reads
// the database, tests read from memory. Implementations are thread-safe; calls may block on I/O.
#pragma once

#include <cstddef>
#include <cstdint>
#include <functional>
#include <optional>
#include <stdexcept>
#include <string>
#include <vector>

#include "core/batch.h"
#include "core/epoch.h"
#include "core/position.h"
#include "core/row_query.h"

namespace ordercast {

// The history after a position is not there. what() is the reason as `reset` says it
// (docs/protocol.md): "retention" when it was dropped, "epoch" when this database never came to
// that position.
struct HistoryLost : std::runtime_error {
  using std::runtime_error::runtime_error;
};

// The database cannot be reached now. What the caller holds stays valid: try again later.
struct HistoryUnavailable : std::runtime_error {
  using std::runtime_error::runtime_error;
};

struct SnapshotRow {
  std::string key;  // JSON object
  std::string row;  // JSON object, shaped as Change::new_row; empty when too large to send
  std::optional<std::string> tenant = std::nullopt;  // whose it is, as Change::new_tenant
};

// Each call names the epoch that its positions are of. The database that answers must be in it: it
// can be another one than a moment ago, after a failover. If not, HistoryUnavailable is thrown,
// until whoever follows the log has found out too, and begins a new history.
class HistoryReader {
 public:
  virtual ~HistoryReader() = default;

  // The next page after `from`: at most `kPageRows` changes, at least one when there is any.
  // Throws HistoryLost, HistoryUnavailable.
  [[nodiscard]] virtual Batch read_after(const Epoch& epoch, const Position& from) = 0;

  // The first page of all that is kept. Its `from` is the earliest position there is: it sees the
  // transactions whose changes may be gone, all or some, and no other. Found and read as one, so
  // that nothing can be dropped in between. Throws HistoryUnavailable.
  [[nodiscard]] virtual Batch read_earliest(const Epoch& epoch) = 0;

  // Where the log stands now: all that was committed before the call is in it. Throws
  // HistoryUnavailable.
  [[nodiscard]] virtual Position read_head(const Epoch& epoch) = 0;

  // The change of that number; none when it is not there, or not kept any more. Throws
  // HistoryUnavailable.
  [[nodiscard]] virtual std::optional<Change> find_change(const Epoch& epoch, std::int64_t seq) = 0;

  // The rows of a stream that the query wants, as one snapshot sees them, in pages, so that the
  // table is never in memory. Returns the position of that snapshot: changes after it are not in
  // the rows, all before are. Stops early when `page` returns false. Throws HistoryUnavailable.
  [[nodiscard]] virtual Position read_rows(
      const Epoch& epoch, const RowQuery& query,
      const std::function<bool(std::vector<SnapshotRow>)>& page) = 0;

  // Large enough to amortise a round trip, small enough to interleave fairly between clients.
  static constexpr std::size_t kPageRows = 1000;
};

}  // namespace ordercast
