#include "pg/housekeeper.h"

#include <spdlog/spdlog.h>

#include "pg/retention.h"

namespace ordercast::pg {
namespace {

LogSize log_size(pqxx::connection& connection) {
  pqxx::nontransaction query(connection);
  const auto row = query.exec1(
      "SELECT r.bytes, date_part('epoch', clock_timestamp() - r.oldest_at)::bigint,"
      "  coalesce((SELECT seq FROM ordercast.change_log ORDER BY seq DESC LIMIT 1)"
      "         - (SELECT seq FROM ordercast.change_log ORDER BY seq LIMIT 1) + 1, 0)"
      "  FROM ordercast.retention() r");
  LogSize size{.bytes = row[0].as<std::uint64_t>(), .changes = row[2].as<std::uint64_t>()};
  if (!row[1].is_null()) size.oldest_age = std::chrono::seconds(row[1].as<std::int64_t>());
  return size;
}

// Only /metrics misses it.
std::optional<LogSize> measured(pqxx::connection& connection) {
  try {
    return log_size(connection);
  } catch (const pqxx::sql_error& error) {
    spdlog::debug("database: the log cannot be measured: {}", error.what());
    return std::nullopt;
  }
}

}  // namespace

double notify_queue_usage(pqxx::connection& connection) {
  pqxx::nontransaction query(connection);
  return query.exec1("SELECT pg_notification_queue_usage()")[0].as<double>();
}

std::optional<Housekeeper::Measures> Housekeeper::work(pqxx::connection& connection, Time now) {
  if (now >= next_) {
    next_ = now + options_.interval;
    let_go(connection);
    set_watermark(connection);
  }
  if (now < next_probe_) return std::nullopt;
  next_probe_ = now + options_.queue_probe_interval;
  return measure(connection);
}

void Housekeeper::let_go(pqxx::connection& connection) {
  try {
    const auto done = prune(connection);
    if (!done) return;  // another node is at it
    if (done->emptied > 0)
      spdlog::info("database: {} old leaves of the log emptied", done->emptied);
    tell_log_size(done->bytes_over);
  } catch (const pqxx::sql_error& error) {
    spdlog::warn("database: the log cannot be kept short: {}", error.what());
  }
}

void Housekeeper::set_watermark(pqxx::connection& connection) {
  try {
    pqxx::nontransaction(connection).exec("SELECT ordercast.set_watermark()");
  } catch (const pqxx::sql_error& error) {
    spdlog::warn("database: clients that were away long will be slow to come back: {}",
                 error.what());
  }
}

Housekeeper::Measures Housekeeper::measure(pqxx::connection& connection) const {
  Measures measures{.notify_queue_ratio = notify_queue_usage(connection),
                    .log = measured(connection)};
  if (measures.notify_queue_ratio < options_.queue_alarm) return measures;
  constexpr double kPercent = 100;
  spdlog::warn(
      "database: the NOTIFY queue is {:.3g} % full; once it is full, writes to watched tables "
      "fail. A session that listens and stays in a transaction holds it up: end it "
      "(pg_stat_activity, state 'idle in transaction')",
      measures.notify_queue_ratio * kPercent);
  return measures;
}

void Housekeeper::tell_log_size(std::int64_t bytes_over) {
  if (log_too_large_ == (bytes_over > 0)) return;
  log_too_large_ = bytes_over > 0;
  if (!log_too_large_) return spdlog::info("database: the log is within its size limit again");
  constexpr std::int64_t kMegabyte = 1 << 20;
  spdlog::warn(
      "database: the log is {} MB over its size limit, and nothing more can be let go: its latest "
      "part is still being written, or a long transaction holds it. A larger --size or a shorter "
      "--age (`ordercast retention`) helps against the former",
      (bytes_over + kMegabyte - 1) / kMegabyte);
}

}  // namespace ordercast::pg
