// What the statements on the change log share: the changes that a position has not seen, in SQL,
// and their rows as values. Not thread-safe.
#pragma once

#include <pqxx/pqxx>
#include <string>

#include "core/change.h"
#include "core/snapshot.h"

namespace ordercast::pg {

// A row larger than this is not sent: the client gets its key and "truncated".
inline constexpr int kRowBytes = 1 << 20;

// The changes that the snapshot does not see whose xmax is $1 and whose xip is $2, as FROM wants
// them.
//
// This form uses the index on tx. The textbook's `NOT pg_visible_in_snapshot(tx, P)` is equally
// exact, but reads again everything that was committed since the oldest open transaction began.
// OFFSET 0 hides a LIMIT outside: a plan for any $1 would else go through all of the log by seq, in
// the belief that every third change is wanted (half a second for 700,000 changes).
inline constexpr char kUnseenChanges[] =
    "(SELECT * FROM ordercast.change_log"
    " WHERE tx >= $1::text::xid8 OR tx = ANY ($2::text::xid8[]) OFFSET 0) AS unordered";
// Its $2.
[[nodiscard]] std::string array_text(const std::vector<TransactionId>& xip);

// Change::at, of the log's column `at`.
inline constexpr char kAtText[] =
    "to_char(at AT TIME ZONE 'UTC', 'YYYY-MM-DD\"T\"HH24:MI:SS.US\"Z\"')";

// As PostgreSQL prints it; throws when it is none.
[[nodiscard]] Snapshot snapshot_of(const pqxx::field& field);
// All bytes, also where one of them is zero; empty for null.
[[nodiscard]] std::string text_of(const pqxx::field& field);
[[nodiscard]] std::optional<std::string> text_or_none(const pqxx::field& field);
// Of the columns that are named as those of the log, and `truncated`.
[[nodiscard]] Change change_of(const pqxx::row& row);

}  // namespace ordercast::pg
