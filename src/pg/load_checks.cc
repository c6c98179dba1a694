#include "pg/load_checks.h"

#include <fmt/format.h>

#include "pg/housekeeper.h"
#include "pg/wake_queries.h"

namespace ordercast::pg {
namespace {

// A leaf is emptied when its last change is too old: then its first is older by a slot, a sixth.
constexpr double kOverdue = 1.5;

std::string text_of(const pqxx::field& field) {
  return field.is_null() ? "?" : field.c_str();
}

}  // namespace

Findings check_wake(const Patient& patient) {
  const auto row =
      pqxx::nontransaction(patient.connection)
          .exec1(
              "SELECT (SELECT count(*) FROM pg_stat_activity"
              "         WHERE datname = current_database() AND application_name = 'ordercast'),"
              "  EXISTS (SELECT FROM pg_locks l JOIN pg_database d ON d.oid = l.database"
              "           WHERE d.datname = current_database() AND l.locktype = 'advisory'"
              "             AND l.mode = 'ExclusiveLock' AND l.granted AND l.objsubid = 1"
              "             AND (l.classid::bigint << 32 | l.objid::bigint) = "
              "ordercast.wake_key())");
  const auto now = row[1].as<bool>()      ? "a node sleeps, and writers notify"
                   : row[0].as<int>() > 0 ? "nodes are awake, and writers do not notify"
                                          : "no node is connected";
  if (can_prepare_transactions(patient.connection)) {
    return {
        fine(fmt::format("max_prepared_transactions is set, so nodes look 40 times a second "
                         "(--wake=poll) unless told otherwise; now {}",
                         now))};
  }
  return {fine(fmt::format("writers NOTIFY while a node sleeps (--wake=armed); now {}", now))};
}

Findings check_notify_queue(const Patient& patient) {
  const double usage = notify_queue_usage(patient.connection);
  constexpr double kPercent = 100;
  const auto says = fmt::format("{:.3g} % full", usage * kPercent);
  const char* mend =
      "A session that listens and stays in a transaction holds it up: end it (pg_stat_activity, "
      "state 'idle in transaction'). Once it is full, writes to watched tables fail.";
  const auto& limits = patient.options.limits;
  if (usage >= limits.notify_queue_full) return {error(says, mend)};
  if (usage >= limits.notify_queue) return {warning(says, mend)};
  return {fine(says)};
}

Findings check_transactions(const Patient& patient) {
  pqxx::nontransaction query(patient.connection);
  const auto oldest = query.exec(
      "SELECT what, date_part('epoch', clock_timestamp() - since)::bigint AS age FROM ("
      "  SELECT format('of process %s (role %s, %s, %s)', pid, usename, state,"
      "                coalesce(nullif(application_name, ''), 'without a name')), xact_start"
      "    FROM pg_stat_activity"
      "   WHERE pid <> pg_backend_pid() AND xact_start IS NOT NULL"
      "     AND backend_type = 'client backend'"
      "  UNION ALL"
      "  SELECT format('prepared as %L (role %s)', gid, owner), prepared FROM pg_prepared_xacts"
      ") t(what, since) ORDER BY since LIMIT 1");
  if (!oldest.empty() &&
      oldest[0][1].as<long long>() >= patient.options.limits.long_transaction.count()) {
    return {warning(fmt::format("a transaction has been open for {} s, {}: no part of the log that "
                                "it reaches into is let go",
                                text_of(oldest[0][1]), text_of(oldest[0][0])),
                    "Let it end: SELECT pg_terminate_backend(PID), or ROLLBACK PREPARED.")};
  }
  const auto role =
      query.exec1("SELECT pg_has_role('pg_read_all_stats', 'USAGE'), quote_ident(current_user)");
  if (!role[0].as<bool>()) {
    return {warning("this role may not see how long others' transactions have been open",
                    fmt::format("GRANT pg_read_all_stats TO {}; or run this as a role that may; or "
                                "watch ordercast_db_oldest_xact_seconds.",
                                role[1].c_str()))};
  }
  return {fine(oldest.empty()
                   ? "none is open"
                   : fmt::format("the oldest has been open for {} s", text_of(oldest[0][1])))};
}

Findings check_retention(const Patient& patient) {
  const auto row =
      pqxx::nontransaction(patient.connection)
          .exec_params1(
              "SELECT keep_age, pg_size_pretty(keep_bytes), pg_size_pretty(bytes),"
              "  bytes > keep_bytes, clock_timestamp() - oldest_at > keep_age * $1::float8,"
              "  date_trunc('second', clock_timestamp() - oldest_at), "
              "  EXISTS (SELECT FROM pg_stat_activity WHERE datname = current_database()"
              "           AND application_name = 'ordercast')"
              " FROM ordercast.retention()",
              kOverdue);
  const auto says = fmt::format("the log takes {}; kept are {} and {}; the oldest change is {} old",
                                row[2].c_str(), row[0].c_str(),
                                row[1].is_null() ? "any size" : row[1].c_str(), text_of(row[5]));
  if (!row[3].is_null() && row[3].as<bool>()) {
    return {warning(says + ": more than its size limit",
                    "ordercast prune says whether something can go; else a larger --size or a "
                    "shorter --age of `ordercast retention`.")};
  }
  if (!row[4].is_null() && row[4].as<bool>()) {
    const bool node = row[6].as<bool>();
    return {node
                ? warning(says + ": older than what is kept, though a node is connected",
                          "It lets old changes go each minute, unless a transaction has been open "
                          "for so long, or something locks the log: `ordercast prune` says more.")
                : warning(says + ": older than what is kept, and no node is connected",
                          "Nobody lets old changes go, and the log grows: a node does each minute, "
                          "so start one, or run `ordercast prune` from time to time.")};
  }
  return {
      fine(row[5].is_null() ? fmt::format("the log is empty; kept are {}", row[0].c_str()) : says)};
}

}  // namespace ordercast::pg
