#include "pg/retention.h"

namespace ordercast::pg {
namespace {

constexpr char kLog[] = "the change log";

const char* text_or_null(const std::optional<std::string>& text) {
  return text ? text->c_str() : nullptr;
}

std::optional<std::string> optional_text(const pqxx::field& field) {
  return field.is_null() ? std::nullopt : std::optional<std::string>(field.c_str());
}

}  // namespace

void set_retention(pqxx::connection& connection, const RetentionOptions& options,
                   const Persistence& persistence) {
  insist(kLog, persistence, [&] {
    pqxx::work work(connection);
    work.exec_params("SELECT ordercast.set_retention(age => $1::interval, size => $2)",
                     text_or_null(options.age), text_or_null(options.size));
    work.commit();
  });
}

Retention read_retention(pqxx::connection& connection) {
  Retention retention;
  insist(kLog, {}, [&] {
    const auto row =
        pqxx::nontransaction(connection)
            .exec1(
                "SELECT keep_age, pg_size_pretty(keep_bytes), pg_size_pretty(bytes),"
                "  to_char(oldest_at AT TIME ZONE 'UTC', 'YYYY-MM-DD\"T\"HH24:MI:SS\"Z\"')"
                " FROM ordercast.retention()");
    retention = {row[0].c_str(), optional_text(row[1]), row[2].c_str(), optional_text(row[3])};
  });
  return retention;
}

std::optional<Pruned> prune(pqxx::connection& connection) {
  pqxx::nontransaction query(connection);
  const auto done = query.exec1("SELECT emptied, bytes_over FROM ordercast.prune()");
  if (done[1].is_null()) return std::nullopt;
  return Pruned{done[0].as<int>(), done[1].as<std::int64_t>()};
}

}  // namespace ordercast::pg
