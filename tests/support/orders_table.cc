#include "support/orders_table.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include "support/eventually.h"

namespace ordercast::testing {

OrdersTable::OrdersTable() {
  exec(
      "CREATE TABLE public.orders (id bigint PRIMARY KEY, merchant int NOT NULL DEFAULT 1,"
      "  status text NOT NULL DEFAULT 'created', total numeric, note text);"
      "SELECT ordercast.watch('public.orders')");
}

Rows OrdersTable::rows(const std::string& where) {
  // Not by ordercast.open_rows(): what the table holds is said by PostgreSQL alone.
  const auto result = exec(
      "SELECT json_build_object('id', id::text), json_build_object('id', id::text, 'merchant',"
      "  merchant, 'status', status, 'total', total::text, 'note', note) FROM public.orders "
      "WHERE " +
      where);
  Rows rows;
  for (const auto& row : result) {
    rows.emplace(nlohmann::json::parse(row[0].c_str()).dump(),
                 nlohmann::json::parse(row[1].c_str()).dump());
  }
  return rows;
}

std::set<std::int64_t> OrdersTable::seqs(std::int64_t after) {
  std::set<std::int64_t> seqs;
  for (const auto& row : exec(fmt::format(
           "SELECT seq FROM ordercast.change_log WHERE seq > {} AND op <> 'c'", after))) {
    seqs.insert(row[0].as<std::int64_t>());
  }
  return seqs;
}

std::set<std::int64_t> OrdersTable::seqs_of_view(const std::string& where) {
  std::set<std::int64_t> seqs;
  for (const auto& row : exec(fmt::format(
           "SELECT DISTINCT seq FROM ordercast.change_log, unnest(ARRAY[old_row, new_row]) AS json,"
           "  jsonb_populate_record(NULL::public.orders, json::jsonb)"
           " WHERE op IN ('i', 'u', 'd') AND json IS NOT NULL AND ({})",
           where))) {
    seqs.insert(row[0].as<std::int64_t>());
  }
  return seqs;
}

int OrdersTable::count_outside(const std::set<std::string>& rows, const std::string& where) {
  return std::stoi(database_.scalar(fmt::format(
      "SELECT count(*) FROM jsonb_populate_recordset(NULL::public.orders, $rows$[{}]$rows$)"
      " WHERE ({}) IS NOT TRUE",
      fmt::join(rows, ","), where)));
}

std::int64_t OrdersTable::last_seq() {
  const auto all = seqs();
  return all.empty() ? 0 : *all.rbegin();
}

int OrdersTable::terminate_sessions() {
  // As in TestDatabase::drop_role(); by their numbers, for nodes are soon back.
  const auto pids = database_.scalar(
      "SELECT coalesce(array_agg(pid), '{}') FROM pg_stat_activity"
      " WHERE datname = current_database() AND application_name LIKE 'ordercast%'");
  const auto of_these = " FROM pg_stat_activity WHERE pid = ANY ('" + pids + "')";
  const auto ended = database_.scalar("SELECT count(pg_terminate_backend(pid))" + of_these);
  static_cast<void>(
      eventually([&] { return database_.scalar("SELECT count(*)" + of_these) == "0"; }));
  return std::stoi(ended);
}

}  // namespace ordercast::testing
