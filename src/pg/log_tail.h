// The end of the change log, as who follows it reads it: again and again on one connection, from
// where it stands, mostly to find a change or none. Then a statement that cuts no page answers in
// half the time of read_page(); when there is more, read_page() does. Confined to one thread;
// libpqxx errors pass through.
#pragma once

#include <optional>
#include <pqxx/pqxx>

#include "core/batch.h"
#include "pg/log_queries.h"

namespace ordercast::pg {

class LogTail {
 public:
  // As many changes are few, if none of their rows is wide.
  static constexpr int kFewChanges = 64;
  static constexpr int kWideRowBytes = 16 << 10;

  // Prepares what the connection needs for this, and for log_queries.h. The connection outlives it.
  explicit LogTail(pqxx::connection& connection);

  // As HistoryReader::read_after. Throws HistoryLost.
  [[nodiscard]] Batch read(
      const Position& from, const Answered& answered = [] {});

 private:
  [[nodiscard]] std::optional<Batch> read_few(const Position& from);

  pqxx::connection& connection_;
  std::optional<Position> reached_;  // by what this connection has read
};

}  // namespace ordercast::pg
