// A page of the change log: the statement that finds and cuts it, and what of its snapshot a
// position keeps (docs/architecture.md, "Positions"). Not thread-safe.
#pragma once

#include <pqxx/pqxx>
#include <string>
#include <string_view>

#include "core/snapshot.h"

namespace ordercast::pg {

// A page also ends here, so that a thousand wide rows do not make a page of gigabytes.
inline constexpr int kPageBytes = 1 << 20;

// The last transaction that has, or had, changes in the log. (max(xid8) came with PostgreSQL 15.)
inline constexpr char kLastLogged[] =
    "(SELECT greatest(floor_tx, (SELECT tx FROM ordercast.change_log ORDER BY tx DESC LIMIT 1))"
    "   FROM ordercast.history)::text";

// Selects the first rows of `changes` (what FROM wants, and WHERE) by seq, as change_of() reads
// them, and with them `now`, `last` and `floor`: the snapshot that found them, as logged_part()
// wants it, and history.floor_tx. Without rows there is one in which seq is null.
[[nodiscard]] std::string page_sql(std::string_view changes);

// What a position keeps of the snapshot `now`: nothing above the last transaction in the log.
[[nodiscard]] Snapshot logged_part(const pqxx::field& now, const pqxx::field& last_logged);

// The rows of a page, and whether they are all that is left of the batch.
struct Found {
  pqxx::result rows;
  bool complete;
  [[nodiscard]] bool none() const;
};

// As page_sql() has found them.
[[nodiscard]] Found all_or_cut(pqxx::result rows);

}  // namespace ordercast::pg
