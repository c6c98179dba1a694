#include "pg/log_queries.h"

#include <fmt/format.h>

#include <algorithm>
#include <memory>
#include <optional>
#include <string>
#include <utility>

#include "pg/change_rows.h"
#include "pg/log_page.h"

namespace ordercast::pg {
namespace {

// Of present rows, whose width is not known before they have come.
constexpr std::size_t kFirstFetch = 4;

constexpr char kNextBatch[] = "ordercast_next_batch";
constexpr char kEarliestPage[] = "ordercast_earliest_page";
constexpr char kOneChange[] = "ordercast_one_change";
constexpr char kHead[] = "ordercast_head";

Snapshot head_of(pqxx::nontransaction& query) {
  const auto head = query.exec_prepared1(kHead);
  return logged_part(head[0], head[1]);
}

Found find_next_batch(pqxx::nontransaction& query, const Snapshot& seen) {
  return all_or_cut(query.exec_prepared(kNextBatch, seen.xmax, array_text(seen.xip)));
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
  if (found.none()) return batch;
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
  prepare_batch_queries(connection);
  connection.prepare(kNextBatch, page_sql(kUnseenChanges));
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
  return {head_of(query), std::nullopt};
}

Batch read_page(pqxx::connection& connection, const Position& from, const Answered& answered) {
  pqxx::nontransaction query(connection);
  auto batch = from.in_batch;
  if (!batch && is_large(query, from.seen)) {
    // Its target first: what committed until then is seen.
    const auto target = head_of(query);
    batch = begin_batch(query, from.seen, target);
  }
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
