#include "pg/batch_queries.h"

#include <fmt/format.h>

#include <algorithm>
#include <limits>
#include <optional>
#include <string>
#include <string_view>

#include "core/history_reader.h"
#include "pg/change_rows.h"

namespace ordercast::pg {
namespace {

// Up to so many changes are found by transaction and sorted; more are read by number, from where
// the first can be. Measured on a log of 6,000,000: 50,000 are counted in some 10 ms and sorted in
// 25, 3,000,000 would be sorted in 1,500; of those that a page goes past 3,500,000 take a second.
constexpr int kFewUnseen = 50'000;
// Less where a batch is known and each page of it is looked for.
constexpr int kFewOfBatch = 1'000;
// So many numbers a statement goes through, which takes some 0.2 s, and no further: a transaction
// that ran for hours can have one change before and one after all that was logged meanwhile.
constexpr std::int64_t kStretch = 500'000;
// Of up to so many changes it is found in a second where the next one is: of transactions that
// were running, which can be far from all others.
constexpr int kFewOfRunning = 1'000'000;
// Of younger ones, which are close to each other: in a tenth of it.
constexpr int kFewYounger = 100'000;

// Two rows are compared where two ids would do: between two ids, a plan expects few changes, and
// looks at all of them.
constexpr char kOfBatch[] = " AND (tx, 0) < ($3::text::xid8, 0)";

constexpr char kSizeOfUnseen[] = "ordercast_size_of_unseen";
constexpr char kSizeOfBatch[] = "ordercast_size_of_batch";
constexpr char kRestOfSmallBatch[] = "ordercast_rest_of_small_batch";
constexpr char kRestOfBatch[] = "ordercast_rest_of_batch";
constexpr char kBelowNext[] = "ordercast_below_next";

// Whether there are more than `few` of these changes. Not `OR`, whose plan would look for all; so
// would one that need not go in order, before there are statistics of a log that has grown.
std::string more_than_sql(int few, std::string_view younger) {
  return fmt::format(
      "SELECT count(*) > {0} FROM ((SELECT FROM ordercast.change_log WHERE tx >= $1::text::xid8{1} "
      "ORDER BY tx LIMIT {0} + 1) UNION ALL (SELECT FROM ordercast.change_log WHERE "
      "tx = ANY ($2::text::xid8[]) LIMIT {0} + 1)) AS found",
      few, younger);
}

// A number that is `after` or higher, such that no change from there to it is one that `target`
// sees and `seen` does not; none when there is no such change beyond.
std::optional<std::int64_t> below_next(pqxx::nontransaction& query, const Snapshot& seen,
                                       const Snapshot& target, std::int64_t after) {
  const auto row =
      query.exec_prepared1(kBelowNext, seen.xmax, array_text(seen.xip), target.xmax, after);
  // What was dropped meanwhile is not there to be next.
  if (seen.xmin <= row["floor"].as<TransactionId>()) throw HistoryLost("retention");
  if (row["below"].is_null()) return std::nullopt;
  return row["below"].as<std::int64_t>();
}

Found find_by_number(pqxx::nontransaction& query, const Snapshot& seen,
                     const Position::InBatch& batch, const Answered& answered) {
  for (auto after = batch.seq;;) {
    const auto end =
        std::min(after, std::numeric_limits<std::int64_t>::max() - kStretch) + kStretch;
    auto found =
        all_or_cut(query.exec_prepared(kRestOfBatch, seen.text(), batch.target.text(), after, end));
    answered();
    if (!found.complete) return found;
    const auto next = below_next(query, seen, batch.target, end);
    answered();
    found.complete = !next;
    if (!next || !found.none()) return found;
    after = *next;
  }
}

}  // namespace

void prepare_batch_queries(pqxx::connection& connection) {
  connection.prepare(kSizeOfUnseen, more_than_sql(kFewUnseen, ""));
  connection.prepare(kSizeOfBatch, more_than_sql(kFewOfBatch, kOfBatch));
  // The changes of a transaction are above the watermark that is older than it, and not above one
  // that it had ended before (sql/0015_watermarks.sql). Those of younger ones are close above;
  // those of the ones that were running may be far below, or above. What there is of either is
  // looked at if it is not too much.
  connection.prepare(
      kBelowNext,
      fmt::format(R"sql(
    WITH younger AS (
      SELECT seq FROM ordercast.change_log WHERE tx >= $1::text::xid8{of_batch}
       ORDER BY tx LIMIT {few_younger} + 1
    ), running AS (
      SELECT seq FROM ordercast.change_log WHERE tx = ANY ($2::text::xid8[]) LIMIT {few_running} + 1
    ), logged AS (
      SELECT seq - 1 AS below FROM ordercast.change_log WHERE seq > $4 ORDER BY seq LIMIT 1
    )
    SELECT (SELECT floor_tx FROM ordercast.history)::text AS floor,
           CASE WHEN NOT EXISTS (SELECT FROM ordercast.watermarks
                                  WHERE ended >= $3::text::xid8 AND seq <= $4) THEN least(
             CASE WHEN (SELECT count(*) FROM younger) <= {few_younger}
                  THEN (SELECT min(seq) - 1 FROM younger WHERE seq > $4)
                  ELSE (SELECT greatest(below, {watermark} $1::text::xid8)) FROM logged) END,
             CASE WHEN (SELECT count(*) FROM running) <= {few_running}
                  THEN (SELECT min(seq) - 1 FROM running WHERE seq > $4)
                  ELSE (SELECT greatest(below, {watermark} ($2::text::xid8[])[1])) FROM logged) END
           ) END AS below)sql",
                  fmt::arg("of_batch", kOfBatch), fmt::arg("few_younger", kFewYounger),
                  fmt::arg("few_running", kFewOfRunning),
                  fmt::arg("watermark", "(SELECT max(seq) FROM ordercast.watermarks WHERE tx <=")));
  // By transaction, for else the last page of a batch is looked for up to the end of the log.
  // (OFFSET 0: a plan for any number would else look for it by number.)
  connection.prepare(
      kRestOfSmallBatch,
      page_sql("(SELECT * FROM ordercast.change_log WHERE tx >= $1::text::xid8 AND tx < "
               "$3::text::xid8 OR tx = ANY ($2::text::xid8[]) OFFSET 0) AS unordered "
               "WHERE seq > $5 AND pg_visible_in_snapshot(tx, $4::text::pg_snapshot)"));
  // Here the textbook's form is right: it leaves the index on seq as the only way in, so that each
  // page starts where the last one ended instead of sorting the whole batch again. (Two rows are
  // compared as in kOfBatch: between two numbers it would expect few changes, and sort them.)
  connection.prepare(kRestOfBatch,
                     page_sql("ordercast.change_log WHERE seq > $3 AND (seq, 0) <= ($4, 0) AND NOT "
                              "pg_visible_in_snapshot(tx, $1::text::pg_snapshot)"
                              " AND pg_visible_in_snapshot(tx, $2::text::pg_snapshot)"));
}

bool is_large(pqxx::nontransaction& query, const Snapshot& seen) {
  return query.exec_prepared1(kSizeOfUnseen, seen.xmax, array_text(seen.xip))[0].as<bool>();
}

Position::InBatch begin_batch(pqxx::nontransaction& query, const Snapshot& seen,
                              const Snapshot& target) {
  return {target, below_next(query, seen, target, 0).value_or(0)};
}

Found find_rest(pqxx::nontransaction& query, const Snapshot& seen, const Position::InBatch& batch,
                const Answered& answered) {
  const auto xip = array_text(seen.xip);
  const auto& target = batch.target;
  if (query.exec_prepared1(kSizeOfBatch, seen.xmax, xip, target.xmax)[0].as<bool>()) {
    return find_by_number(query, seen, batch, answered);
  }
  return all_or_cut(query.exec_prepared(kRestOfSmallBatch, seen.xmax, xip, target.xmax,
                                        target.text(), batch.seq));
}

}  // namespace ordercast::pg
