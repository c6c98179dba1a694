#include "pg/watch.h"

#include <fmt/format.h>

#include <string_view>
#include <thread>

#include "base/backoff.h"

namespace ordercast::pg {
namespace {

using Millis = Persistence::Millis;

// Between attempts writers must get through; the ceiling keeps the command responsive.
constexpr Millis kPauseFloor{100};
constexpr Millis kPauseCeiling{2000};

constexpr std::string_view kLockNotAvailable = "55P03";
constexpr std::string_view kDeadlockDetected = "40P01";
constexpr std::string_view kUndefinedFunction = "42883";
constexpr std::string_view kInvalidSchemaName = "3F000";

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

// "ERROR:  no table given\nHINT: …" without the lines that point into our SQL.
std::string readable(const pqxx::sql_error& error) {
  std::string_view text = error.what();
  text = text.substr(0, text.find("\nCONTEXT:"));
  constexpr std::string_view kPrefix = "ERROR:  ";
  if (text.starts_with(kPrefix)) text.remove_prefix(kPrefix.size());
  while (text.ends_with('\n')) text.remove_suffix(1);
  return std::string(text);
}

[[noreturn]] void throw_readable(const pqxx::sql_error& error) {
  if (error.sqlstate() == kUndefinedFunction || error.sqlstate() == kInvalidSchemaName) {
    throw WatchError(
        "the schema `ordercast` is missing or old in this database: run `ordercast migrate` first");
  }
  throw WatchError(readable(error));
}

bool busy(const pqxx::sql_error& error) {
  return error.sqlstate() == kLockNotAvailable || error.sqlstate() == kDeadlockDetected;
}

template <typename Attempt>
auto insist(const std::string& what, const Persistence& persistence, Attempt attempt) {
  Backoff backoff(kPauseFloor, kPauseCeiling, random_up_to);
  Millis paused{0};
  for (int attempts = 1;; ++attempts) {
    try {
      return attempt();
    } catch (const pqxx::sql_error& error) {
      if (!busy(error)) throw_readable(error);
    }
    if (persistence.waiting) persistence.waiting(attempts);
    const auto pause = backoff.next();
    paused += pause;
    if (paused > persistence.limit) {
      throw WatchError(
          fmt::format("{} stayed busy: some transaction holds it, and none of {} attempts got in. "
                      "Try again at a "
                      "quieter time, or look for long transactions in pg_stat_activity",
                      what, attempts));
    }
    if (persistence.sleep) {
      persistence.sleep(pause);
    } else {
      std::this_thread::sleep_for(pause);
    }
  }
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
    throw WatchError(
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
  return insist(fmt::format("the table {}", table), persistence, [&] {
    pqxx::work work(connection);
    const auto relation = resolve(work, table);
    const auto stream = work.exec_params1(
                                "SELECT ordercast.watch($1::oid::regclass, stream => $2, tenant => "
                                "$3, columns => $4::text[])",
                                relation, text_or_null(options.stream),
                                text_or_null(options.tenant), text_or_null(columns))[0]
                            .as<std::string>();
    work.commit();
    return stream;
  });
}

bool unwatch(pqxx::connection& connection, const std::string& stream,
             const Persistence& persistence) {
  return insist(fmt::format("the table of the stream {}", stream), persistence, [&] {
    pqxx::work work(connection);
    const bool found = work.exec_params1("SELECT ordercast.unwatch($1)", stream)[0].as<bool>();
    work.commit();
    return found;
  });
}

}  // namespace ordercast::pg
