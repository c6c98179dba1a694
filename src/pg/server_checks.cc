#include "pg/server_checks.h"

#include <fmt/chrono.h>
#include <fmt/format.h>

#include <algorithm>

#include "pg/connection.h"
#include "pg/conninfo.h"

namespace ordercast::pg {
namespace {

using Clock = std::chrono::system_clock;

// A pooler that takes its servers in turn gives another one at each transaction; one that takes the
// last shows at the first.
constexpr int kTransactions = 4;

int server_process(pqxx::connection& connection) {
  return pqxx::nontransaction(connection).exec1("SELECT pg_backend_pid()")[0].as<int>();
}

// Whether the session is another client's from one transaction to the next.
bool is_shared(pqxx::connection& mine, const std::string& conninfo) {
  const auto other = connect(conninfo, {.application_name = "ordercast-doctor"});
  const int before = server_process(mine);
  for (int i = 0; i < kTransactions; ++i) {
    if (server_process(*other) == before || server_process(mine) != before) return true;
  }
  return false;
}

}  // namespace

Findings check_server(const Patient& patient) {
  const auto version =
      pqxx::nontransaction(patient.connection).exec1("SHOW server_version")[0].as<std::string>();
  return {fine(fmt::format("PostgreSQL {}: {}", version, describe(patient.connection)))};
}

Findings check_transport(const Patient& patient) {
  if (!insecure_host(patient.conninfo)) {
    return {fine("stays on this machine, or goes by TLS with a certificate that is checked")};
  }
  return {
      warning("the database is on another machine, without sslmode=verify-full: anybody on the way "
              "can read "
              "all orders, or be the database",
              "Add sslmode=verify-full (and sslrootcert) to --database.")};
}

Findings check_pooler(const Patient& patient) {
  if (is_shared(patient.connection, patient.conninfo)) {
    return {error(
        "a pooler in transaction mode stands before the server: LISTEN and session locks do not "
        "last, so that a node is not woken",
        "Let nodes connect to PostgreSQL itself, or to a pool in session mode (PgBouncer: "
        "pool_mode=session). The shop's own connections may stay as they are.")};
  }
  if (server_process(patient.connection) != patient.connection.backendpid()) {
    return {fine("a pooler or proxy stands before the server; sessions last through it")};
  }
  return {fine("none: connected to PostgreSQL itself")};
}

Findings check_connections(const Patient& patient) {
  const auto row = pqxx::nontransaction(patient.connection)
                       .exec1(
                           "SELECT r.rolsuper, r.rolconnlimit, d.datconnlimit,"
                           "  current_setting('max_connections')::int"
                           "    - current_setting('superuser_reserved_connections')::int"
                           "    - (SELECT sum(numbackends) FROM pg_stat_database)::int"
                           " FROM pg_roles r, pg_database d"
                           " WHERE r.rolname = current_user AND d.datname = current_database()");
  const bool limited = !row[0].as<bool>();
  const auto too_small = [&](int limit) {
    return limited && limit >= 0 && limit < kConnectionsOfNode;
  };
  const auto mend =
      fmt::format("CONNECTION LIMIT {0}, or more: {0} for each node.", kConnectionsOfNode);
  if (const int limit = row[1].as<int>(); too_small(limit)) {
    return {error(fmt::format("the role may have {} connections, a node opens up to {}", limit,
                              kConnectionsOfNode),
                  "ALTER ROLE … " + mend)};
  }
  if (const int limit = row[2].as<int>(); too_small(limit)) {
    return {error(fmt::format("the database takes {} connections, a node opens up to {}", limit,
                              kConnectionsOfNode),
                  "ALTER DATABASE … " + mend)};
  }
  const int room = row[3].as<int>();
  if (room < kConnectionsOfNode) {
    return {
        warning(fmt::format("the server has room for {} more connections, a node opens up to {}",
                            std::max(room, 0), kConnectionsOfNode),
                "Raise max_connections, or put a pooler before the shop's own connections.")};
  }
  return {fine(fmt::format("room for {} more; a node opens up to {}", room, kConnectionsOfNode))};
}

Findings check_clock(const Patient& patient) {
  using Millis = std::chrono::milliseconds;
  const auto before = patient.options.now();
  const auto row = pqxx::nontransaction(patient.connection)
                       .exec1("SELECT (date_part('epoch', clock_timestamp()) * 1000)::bigint");
  const auto after = patient.options.now();
  const Clock::time_point theirs{Millis(row[0].as<long long>())};
  // Somewhere between the question and the answer; what is inside is no difference.
  const auto apart = std::chrono::duration_cast<Millis>(
      theirs - std::clamp(theirs, before - Millis(1), after + Millis(1)));
  const auto& limits = patient.options.limits;
  const auto says = fmt::format("the server's clock is {} ms {} this machine's",
                                std::abs(apart.count()), apart.count() < 0 ? "behind" : "ahead of");
  const char* mend = "Let both machines follow NTP (timedatectl set-ntp true).";
  if (std::chrono::abs(apart) >= limits.clock_of_tokens) return {error(says, mend)};
  if (std::chrono::abs(apart) >= limits.clock) return {warning(says, mend)};
  return {fine(apart.count() == 0 ? "the server's clock agrees with this machine's" : says)};
}

}  // namespace ordercast::pg
