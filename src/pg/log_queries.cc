#include "pg/log_queries.h"

#include <fmt/format.h>

#include <algorithm>
#include <limits>
#include <memory>
#include <optional>
#include <string>
#include <utility>

#include "pg/change_rows.h"

namespace ordercast::pg {
namespace {

// A page also ends here, so that a thousand wide rows do not make a page of gigabytes.
constexpr int kPageBytes = 1 << 20;

// Of present rows, whose width is not known before they have come.
constexpr std::size_t kFirstFetch = 4;

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
constexpr char kNextBatch[] = "ordercast_next_batch";
constexpr char kRestOfSmallBatch[] = "ordercast_rest_of_small_batch";
constexpr char kRestOfBatch[] = "ordercast_rest_of_batch";
constexpr char kBelowNext[] = "ordercast_below_next";
constexpr char kEarliestPage[] = "ordercast_earliest_page";
constexpr char kOneChange[] = "ordercast_one_change";
constexpr char kHead[] = "ordercast_head";

// The last transaction that has, or had, changes in the log. (max(xid8) came with PostgreSQL 15.)
constexpr char kLastLogged[] =
    "(SELECT greatest(floor_tx, (SELECT tx FROM ordercast.change_log ORDER BY tx DESC LIMIT 1))"
    "   FROM ordercast.history)::text";

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

// What a position keeps of the snapshot `now`: nothing above the last transaction in the log. All
// changes are below. Above are ids of transactions that did not commit, or changed nothing of ours,
// and these a crash of PostgreSQL may take back and give to others, whose changes would be taken
// for seen. Not so below: when the last one committed, its id reached the disk.
Snapshot logged_part(const pqxx::field& now, const pqxx::field& last_logged) {
  return snapshot_of(now).below(last_logged.as<TransactionId>() + 1);
}

// Whether there are more than `few` of these changes. Not `OR`, whose plan would look for all; so
// would one that need not go in order, before there are statistics of a log that has grown.
std::string more_than_sql(int few, std::string_view younger) {
  return fmt::format(
      "SELECT count(*) > {0} FROM ((SELECT FROM ordercast.change_log WHERE tx >= $1::text::xid8{1} "
      "ORDER BY tx LIMIT {0} + 1) UNION ALL (SELECT FROM ordercast.change_log WHERE "
      "tx = ANY ($2::text::xid8[]) LIMIT {0} + 1)) AS found",
      few, younger);
}

// The rows of a page, and whether they are all that is left of the batch.
struct Found {
  pqxx::result rows;
  bool complete;
};

bool none(const pqxx::result& rows) {
  return rows[0]["seq"].is_null();
}

Found all_or_cut(pqxx::result rows) {
  const bool complete = none(rows) || rows.size() == rows[0]["total"].as<std::size_t>();
  return {std::move(rows), complete};
}

Found find_next_batch(pqxx::nontransaction& query, const Snapshot& seen) {
  return all_or_cut(query.exec_prepared(kNextBatch, seen.xmax, array_text(seen.xip)));
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
    if (!next || !none(found.rows)) return found;
    after = *next;
  }
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

// All that is unseen now, when it is so much that finding it takes long.
std::optional<Position::InBatch> large_batch_after(pqxx::nontransaction& query,
                                                   const Snapshot& seen) {
  const auto xip = array_text(seen.xip);
  const bool large = query.exec_prepared1(kSizeOfUnseen, seen.xmax, xip)[0].as<bool>();
  if (!large) return std::nullopt;
  const auto head = query.exec_prepared1(kHead);
  const auto target = logged_part(head[0], head[1]);
  // After the head: what committed until then is seen.
  return Position::InBatch{target, below_next(query, seen, target, 0).value_or(0)};
}

// How many rows to fetch next: as many as make a page if they are like those before, and not all at
// once many more, for they may be wider.
std::size_t next_fetch(const std::vector<SnapshotRow>& rows) {
  std::size_t bytes = 1;
  for (const auto& row : rows) bytes += row.key.size() + row.row.size();
  return std::clamp(kPageBytes * rows.size() / bytes, std::size_t{1},
                    std::min(2 * rows.size() + 1, HistoryReader::kPageRows));
}

// The page after `from` that ends at `now` or before.
Batch batch_of(const Found& found, const Position& from, const Snapshot& now) {
  Batch batch{.from = from, .now = now, .complete = found.complete, .changes = {}};
  if (none(found.rows)) return batch;
  batch.changes.reserve(found.rows.size());
  for (const auto& row : found.rows) batch.changes.push_back(change_of(row));
  return batch;
}

}  // namespace

void prepare_log_queries(pqxx::connection& connection) {
  // A plan is kept for long. One made while the log was nearly empty would go on to scan it whole
  // when it has grown, until statistics come round to it. Parallel workers are few in a server, and
  // the shop's.
  pqxx::nontransaction(connection)
      .exec("SET enable_seqscan = off; SET max_parallel_workers_per_gather = 0");
  connection.prepare(kSizeOfUnseen, more_than_sql(kFewUnseen, ""));
  connection.prepare(kSizeOfBatch, more_than_sql(kFewOfBatch, kOfBatch));
  // The changes of a transaction are above the watermark that is older than it
  // (sql/0015_watermarks.sql). Those of younger ones are close above; those of the ones that were
  // running may be far below, or above. What there is of either is looked at if it is not too much.
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
    SELECT (SELECT floor_tx FROM ordercast.history)::text AS floor, least(
             CASE WHEN (SELECT count(*) FROM younger) <= {few_younger}
                  THEN (SELECT min(seq) - 1 FROM younger WHERE seq > $4)
                  ELSE (SELECT greatest(below, {watermark} $1::text::xid8)) FROM logged) END,
             CASE WHEN (SELECT count(*) FROM running) <= {few_running}
                  THEN (SELECT min(seq) - 1 FROM running WHERE seq > $4)
                  ELSE (SELECT greatest(below, {watermark} ($2::text::xid8[])[1])) FROM logged) END
           ) AS below)sql",
                  fmt::arg("of_batch", kOfBatch), fmt::arg("few_younger", kFewYounger),
                  fmt::arg("few_running", kFewOfRunning),
                  fmt::arg("watermark", "(SELECT max(seq) FROM ordercast.watermarks WHERE tx <=")));
  connection.prepare(kNextBatch, page_sql(kUnseenChanges));
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
  connection.prepare(kEarliestPage, page_sql("ordercast.change_log WHERE tx > "
                                             "(SELECT floor_tx FROM ordercast.history)"));
  connection.prepare(kOneChange, page_sql("ordercast.change_log WHERE seq = $1 AND tx > "
                                          "(SELECT floor_tx FROM ordercast.history)"));
  connection.prepare(kHead, fmt::format("SELECT pg_current_snapshot()::text, {}", kLastLogged));
}

Epoch read_epoch(pqxx::connection& connection) {
  pqxx::nontransaction query(connection);
  query.exec("SELECT ordercast.recognise()");
  // The timeline by the name of the file that is written now, which everybody may ask for.
  // pg_control_checkpoint() lags: after a promotion it has the old one until the first checkpoint.
  const auto row = query.exec1(
      "SELECT (SELECT system_identifier FROM pg_control_system())::text, epoch::text,"
      "  left(pg_walfile_name(pg_current_wal_lsn()), 8) FROM ordercast.history");
  return Epoch::of(row[0].c_str(), row[1].c_str(), row[2].c_str());
}

CatalogPtr read_catalog(pqxx::connection& connection) {
  pqxx::nontransaction query(connection);
  auto catalog = std::make_shared<Catalog>();
  const auto names = [](const char* array) {
    std::vector<std::string> values;
    pqxx::array_parser parser(array);
    for (auto item = parser.get_next(); item.first != pqxx::array_parser::done;
         item = parser.get_next()) {
      if (item.first == pqxx::array_parser::string_value) values.push_back(item.second);
    }
    return values;
  };
  for (const auto& row :
       query.exec("SELECT name, table_name, key_columns, column_names, column_types, column_bases, "
                  "column_labels, columns_chosen, coalesce(tenant, '') AS tenant, tenant_since "
                  "FROM ordercast.catalog")) {
    StreamInfo stream{.name = text_of(row["name"]),
                      .table = text_of(row["table_name"]),
                      .key = names(row["key_columns"].c_str()),
                      .columns = {},
                      .columns_chosen = row["columns_chosen"].as<bool>(),
                      .tenant = text_of(row["tenant"]),
                      .tenant_since = row["tenant_since"].as<TransactionId>()};
    const auto column_names = names(row["column_names"].c_str());
    const auto types = names(row["column_types"].c_str());
    const auto bases = names(row["column_bases"].c_str());
    const auto labels = names(row["column_labels"].c_str());
    for (std::size_t i = 0; i < column_names.size(); ++i) {
      stream.columns.push_back(
          {column_names[i], types.at(i), bases.at(i), names(labels.at(i).c_str())});
    }
    catalog->emplace(stream.name, std::move(stream));
  }
  return catalog;
}

Position read_head(pqxx::connection& connection) {
  pqxx::nontransaction query(connection);
  const auto head = query.exec_prepared1(kHead);
  return {logged_part(head[0], head[1]), std::nullopt};
}

Batch read_page(pqxx::connection& connection, const Position& from, const Answered& answered) {
  pqxx::nontransaction query(connection);
  const auto batch = from.in_batch ? from.in_batch : large_batch_after(query, from.seen);
  const auto found =
      batch ? find_rest(query, from.seen, *batch, answered) : find_next_batch(query, from.seen);
  const auto& rows = found.rows;
  const auto now = logged_part(rows[0]["now"], rows[0]["last"]);
  if (!now.contains(from.in_batch ? from.in_batch->target : from.seen)) throw HistoryLost("epoch");
  if (from.seen.xmin <= rows[0]["floor"].as<TransactionId>()) throw HistoryLost("retention");
  return batch_of(found, from, batch ? batch->target : now);
}

Batch read_earliest(pqxx::connection& connection) {
  pqxx::nontransaction query(connection);
  const auto found = all_or_cut(query.exec_prepared(kEarliestPage));
  const auto& rows = found.rows;
  // What is at the floor or below has ended: see ordercast.prune().
  const auto first_kept = rows[0]["floor"].as<TransactionId>() + 1;
  return batch_of(found, {Snapshot{first_kept, first_kept, {}}, std::nullopt},
                  logged_part(rows[0]["now"], rows[0]["last"]));
}

std::optional<Change> find_change(pqxx::connection& connection, std::int64_t seq) {
  pqxx::nontransaction query(connection);
  const auto rows = query.exec_prepared(kOneChange, seq);
  if (rows[0]["seq"].is_null()) return std::nullopt;
  return change_of(rows[0]);
}

Position read_rows(pqxx::connection& connection, const RowQuery& wanted,
                   const std::function<bool(std::vector<SnapshotRow>)>& page) {
  pqxx::read_transaction query(connection);
  query.exec("SET LOCAL enable_seqscan = on");  // here the whole table may be wanted
  const auto or_null = [&query](const std::string& text) {
    return text.empty() ? "NULL" : query.quote(text);
  };
  const auto opened = query.exec1(fmt::format(
      "SELECT pg_current_snapshot()::text, {}, ordercast.open_rows({}, {}, {}, {}, {})::text",
      kLastLogged, query.quote(wanted.stream), or_null(wanted.filter.canonical()),
      or_null(wanted.order.canonical()), wanted.limit ? std::to_string(*wanted.limit) : "NULL",
      wanted.tenant ? query.quote(wanted.tenant->value) : "NULL"));
  Position position{logged_part(opened[0], opened[1]), std::nullopt};
  const auto cursor = query.quote_name(opened[2].c_str());
  for (std::size_t count = kFirstFetch;;) {
    const auto rows = query.exec(fmt::format("FETCH {} FROM {}", count, cursor));
    std::vector<SnapshotRow> values;
    values.reserve(rows.size());
    for (const auto& row : rows) {
      values.push_back({text_of(row["key"]), text_of(row["row"]), text_or_none(row["tenant"])});
    }
    const bool last = rows.size() < count;
    count = next_fetch(values);
    if ((!values.empty() && !page(std::move(values))) || last) return position;
  }
}

}  // namespace ordercast::pg
