#include "pg/log_page.h"

#include <fmt/format.h>

#include <utility>

#include "core/history_reader.h"
#include "pg/change_rows.h"

namespace ordercast::pg {

// `found` are the first rows of the page and one more; `sizes` measures them, the outer part cuts
// the page. One statement, so that pg_current_snapshot() is the very snapshot that found the rows.
std::string page_sql(std::string_view changes) {
  return fmt::format(R"sql(
    WITH found AS (
      SELECT seq, tx, stream, op, key, old_row, new_row, at, old_tenant, new_tenant,
             greatest(octet_length(old_row), octet_length(new_row), 0) > {row_bytes} AS truncated
        FROM {changes} ORDER BY seq LIMIT {rows} + 1
    ), sizes AS (
      SELECT *, row_number() OVER w AS number, count(*) OVER () AS total,
             sum(CASE WHEN truncated THEN 0
                      ELSE coalesce(octet_length(old_row), 0) + coalesce(octet_length(new_row), 0) END)
               OVER (w ROWS BETWEEN UNBOUNDED PRECEDING AND 1 PRECEDING) AS bytes_before
        FROM found WINDOW w AS (ORDER BY seq)
    )
    SELECT here.now, here.last, here.floor, page.total, page.seq, page.tx, page.stream, page.op, page.key,
           CASE WHEN NOT page.truncated THEN page.old_row END AS old_row,
           CASE WHEN NOT page.truncated THEN page.new_row END AS new_row,
           {at} AS at, page.truncated, page.old_tenant, page.new_tenant
      FROM (SELECT pg_current_snapshot()::text AS now, {last} AS last,
                   (SELECT floor_tx FROM ordercast.history)::text AS floor) AS here
      LEFT JOIN (SELECT * FROM sizes WHERE number <= {rows} AND coalesce(bytes_before, 0) < {page_bytes})
             AS page ON true
     ORDER BY page.seq)sql",
                     fmt::arg("changes", changes), fmt::arg("last", kLastLogged),
                     fmt::arg("rows", HistoryReader::kPageRows), fmt::arg("page_bytes", kPageBytes),
                     fmt::arg("row_bytes", kRowBytes), fmt::arg("at", kAtText));
}

// All changes are below the last transaction in the log, or are its own. Above are ids of
// transactions that did not commit, or changed nothing of ours, and these a crash of PostgreSQL may
// take back and give to others, whose changes would be taken for seen. Not so below: when the last
// one committed, its id reached the disk.
Snapshot logged_part(const pqxx::field& now, const pqxx::field& last_logged) {
  return snapshot_of(now).below(last_logged.as<TransactionId>() + 1);
}

bool Found::none() const {
  return rows[0]["seq"].is_null();
}

Found all_or_cut(pqxx::result rows) {
  Found found{std::move(rows), false};
  found.complete = found.none() || found.rows.size() == found.rows[0]["total"].as<std::size_t>();
  return found;
}

}  // namespace ordercast::pg
