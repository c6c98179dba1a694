// Changes that are put into the log as they are, without a table that is watched, and how a
// statement that reads them is planned.
#pragma once

#include <fmt/format.h>

#include <cstddef>
#include <pqxx/pqxx>
#include <string>

#include "support/test_database.h"

namespace ordercast::testing {

// `count` changes in one transaction, each with a row of `bytes` bytes of text.
inline void log_changes(TestDatabase& database, int count, int bytes = 10) {
  database.exec(
      "INSERT INTO ordercast.change_log (stream, op, key, new_row) SELECT 'orders', 'i', '{}', "
      "'{\"note\":\"' || repeat('x', " +
      std::to_string(bytes) + ") || '\"}' FROM generate_series(1, " + std::to_string(count) + ")");
}

// One change, as if it had been logged that many days ago: with the time and in the slot of that
// day, for the slot of today is never emptied. Returns its transaction.
inline std::string log_old_change(TestDatabase& database, const std::string& stream, int days_ago) {
  return database.scalar(
      fmt::format("INSERT INTO ordercast.change_log (stream, op, at, slot) SELECT '{0}', 't',"
                  " now() - {1} * interval '24 hours', (floor(date_part('epoch', now()) / "
                  "86400)::bigint - {1}) % 8"
                  " RETURNING tx",
                  stream, days_ago));
}

// Lines of the plan of `EXECUTE …` that hold these words.
inline std::size_t count_in_plan(pqxx::connection& connection, const std::string& execute,
                                 const std::string& words) {
  pqxx::nontransaction query(connection);
  std::size_t found = 0;
  for (const auto& line : query.exec("EXPLAIN " + execute)) {
    if (std::string(line[0].c_str()).find(words) != std::string::npos) ++found;
  }
  return found;
}

// How often the connection has executed it.
inline int executions_of(pqxx::connection& connection, const std::string& statement) {
  const auto rows = pqxx::nontransaction(connection)
                        .exec_params(
                            "SELECT generic_plans + custom_plans FROM pg_prepared_statements "
                            "WHERE name = $1",
                            statement);
  return rows.empty() ? 0 : rows[0][0].as<int>();
}

}  // namespace ordercast::testing
