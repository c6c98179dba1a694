#include "pg/log_tail.h"

#include <fmt/format.h>

#include <algorithm>
#include <string>

#include "core/history_reader.h"
#include "pg/change_rows.h"

namespace ordercast::pg {
namespace {

constexpr char kFew[] = "ordercast_few_changes";

// One statement, so that `now` is the very snapshot that found the rows. One row more than are few
// tells that there are more; of a wide one nothing is sent but that it is there.
std::string few_sql() {
  return fmt::format(
      R"sql(
    SELECT here.now, here.floor, seq, tx, stream, op, key, wide, false AS truncated, {at} AS at, old_tenant, new_tenant,
           CASE WHEN NOT wide THEN old_row END AS old_row, CASE WHEN NOT wide THEN new_row END AS new_row
      FROM (SELECT pg_current_snapshot()::text AS now, (SELECT floor_tx FROM ordercast.history)::text AS floor) AS here
      LEFT JOIN (SELECT *, greatest(octet_length(old_row), octet_length(new_row), 0) > {wide} AS wide
                   FROM {changes} LIMIT {few} + 1) AS found ON true)sql",
      fmt::arg("at", kAtText), fmt::arg("changes", kUnseenChanges),
      fmt::arg("wide", LogTail::kWideRowBytes), fmt::arg("few", LogTail::kFewChanges));
}

}  // namespace

LogTail::LogTail(pqxx::connection& connection) : connection_(connection) {
  prepare_log_queries(connection);
  // Each statement is planned once. Left to itself, PostgreSQL plans them anew each time once the
  // log has grown, because the plan for any position looks dear to it. It is the same plan, and
  // making it takes ten times as long as reading.
  pqxx::nontransaction(connection).exec("SET plan_cache_mode = force_generic_plan");
  connection.prepare(kFew, few_sql());
}

Batch LogTail::read(const Position& from, const Answered& answered) {
  // Only read_page() looks whether this database has ever come to a position.
  auto few = reached_ == from && !from.in_batch ? read_few(from) : std::nullopt;
  auto batch = few ? *std::move(few) : read_page(connection_, from, answered);
  reached_ = batch.end();
  return batch;
}

std::optional<Batch> LogTail::read_few(const Position& from) {
  const auto rows = pqxx::nontransaction(connection_)
                        .exec_prepared(kFew, from.seen.xmax, array_text(from.seen.xip));
  if (from.seen.xmin <= rows[0]["floor"].as<TransactionId>()) throw HistoryLost("retention");
  Batch batch{.from = from, .now = {}, .complete = true, .changes = {}};
  // A position ends at the last transaction in the log (log_page.cc). The log's last is now that
  // one, or is among those that have been found.
  auto last_logged = from.seen.xmax - 1;
  if (!rows[0]["seq"].is_null()) {
    if (rows.size() > kFewChanges) return std::nullopt;
    batch.changes.reserve(rows.size());
    for (const auto& row : rows) {
      if (row["wide"].as<bool>()) return std::nullopt;
      batch.changes.push_back(change_of(row));
      last_logged = std::max(last_logged, batch.changes.back().tx);
    }
    std::sort(batch.changes.begin(), batch.changes.end(),
              [](const Change& a, const Change& b) { return a.seq < b.seq; });
  }
  batch.now = snapshot_of(rows[0]["now"]).below(last_logged + 1);
  return batch;
}

}  // namespace ordercast::pg
