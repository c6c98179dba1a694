// The SQL that reads the change log; the rows that a function returns, one statement has read, on
// one snapshot (docs/architecture.md, "Positions"). Not thread-safe: a connection belongs to one
// thread at a time. libpqxx errors pass through.
#pragma once

#include <cstdint>
#include <functional>
#include <optional>
#include <pqxx/pqxx>
#include <vector>

#include "core/batch.h"
#include "core/epoch.h"
#include "core/history_reader.h"
#include "core/stream_info.h"
#include "pg/batch_queries.h"

namespace ordercast::pg {

// Once on a new connection, before the others.
void prepare_log_queries(pqxx::connection& connection);

[[nodiscard]] Epoch read_epoch(pqxx::connection& connection);
[[nodiscard]] CatalogPtr read_catalog(pqxx::connection& connection);
// Everything that is committed now.
[[nodiscard]] Position read_head(pqxx::connection& connection);

// As HistoryReader::read_after, read_earliest, find_change and read_rows; throws HistoryLost.
[[nodiscard]] Batch read_page(
    pqxx::connection& connection, const Position& from, const Answered& answered = [] {});
[[nodiscard]] Batch read_earliest(pqxx::connection& connection);
[[nodiscard]] std::optional<Change> find_change(pqxx::connection& connection, std::int64_t seq);
[[nodiscard]] Position read_rows(pqxx::connection& connection, const RowQuery& wanted,
                                 const std::function<bool(std::vector<SnapshotRow>)>& page);

}  // namespace ordercast::pg
