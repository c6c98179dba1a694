#include "pg/watch.h"

#include <fmt/format.h>

namespace ordercast::pg {
namespace {

std::string literal(const std::vector<std::string>& items) {
  std::string text = "{";
  for (const auto& item : items) {
    if (text.size() > 1) text += ',';
    text += '"';
    for (const char c : item) {
      if (c == '"' || c == '\\') text += '\\';
      text += c;
    }
    text += '"';
  }
  return text + '}';
}

const char* text_or_null(const std::optional<std::string>& text) {
  return text ? text->c_str() : nullptr;
}

// Sessions of ours have search_path pg_catalog; a name without schema is meant as in the role's own
// session.
std::string resolve(pqxx::work& work, const std::string& table) {
  work.exec(
      "SELECT pg_catalog.set_config('search_path', reset_val, true) FROM pg_catalog.pg_settings"
      " WHERE name = 'search_path'");
  const auto row = work.exec_params1(
      "SELECT pg_catalog.to_regclass($1)::pg_catalog.oid, pg_catalog.current_database(),"
      "  pg_catalog.current_setting('search_path')",
      table);
  work.exec("SET LOCAL search_path = pg_catalog, pg_temp");
  if (row[0].is_null()) {
    throw Refused(
        fmt::format("there is no table {} in the database {} (looked for in: {}). Give its schema, "
                    "as in shop.orders; a "
                    "name with capitals needs its own double quotes: '\"Orders\"'",
                    table, row[1].c_str(), row[2].c_str()));
  }
  return row[0].c_str();
}

}  // namespace

std::string watch(pqxx::connection& connection, const std::string& table,
                  const WatchOptions& options, const Persistence& persistence) {
  std::optional<std::string> columns;
  if (options.columns) columns = literal(*options.columns);
  std::string stream;
  insist(fmt::format("the table {}", table), persistence, [&] {
    pqxx::work work(connection);
    const auto relation = resolve(work, table);
    stream = work.exec_params1(
                     "SELECT ordercast.watch($1::oid::regclass, stream => $2, tenant => "
                     "$3, columns => $4::text[])",
                     relation, text_or_null(options.stream), text_or_null(options.tenant),
                     text_or_null(columns))[0]
                 .as<std::string>();
    work.commit();
  });
  return stream;
}

bool unwatch(pqxx::connection& connection, const std::string& stream,
             const Persistence& persistence) {
  bool found = false;
  insist(fmt::format("the table of the stream {}", stream), persistence, [&] {
    pqxx::work work(connection);
    found = work.exec_params1("SELECT ordercast.unwatch($1)", stream)[0].as<bool>();
    work.commit();
  });
  return found;
}

}  // namespace ordercast::pg
