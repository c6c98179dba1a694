#include "pg/connection.h"

#include <fmt/format.h>
#include <poll.h>

#include <optional>
#include <string_view>
#include <utility>
#include <vector>

#include "pg/conninfo.h"
#include "pg/watchdog.h"

namespace ordercast::pg {
namespace {

std::string seconds(std::chrono::seconds value) {
  return std::to_string(value.count());
}

std::vector<std::pair<std::string, std::string>> defaults(const ConnectOptions& options) {
  // Idle: 6 s of silence, then 3 probes 3 s apart. Unacknowledged data: tcp_user_timeout.
  static_assert(kNetworkLimit >= std::chrono::seconds(6 + 3 * 3));
  const std::chrono::milliseconds network_limit = kNetworkLimit;
  return {{"application_name", options.application_name},
          {"client_encoding", "UTF8"},
          {"connect_timeout", seconds(kConnectLimit)},
          {"keepalives", "1"},
          {"keepalives_idle", "6"},
          {"keepalives_interval", "3"},
          {"keepalives_count", "3"},
          {"tcp_user_timeout", std::to_string(network_limit.count())}};
}

std::unique_ptr<pqxx::connection> open(const std::string& conninfo, const ConnectOptions& options) {
  std::unique_ptr<pqxx::connection> connection;
  try {
    connection = std::make_unique<pqxx::connection>(with_defaults(conninfo, defaults(options)));
  } catch (const std::exception& error) {
    throw ConnectionFailed(safe_error(error.what()));
  }
  // Deprecated only because libpqxx 7 never re-opens; there it can go.
#pragma GCC diagnostic push
#pragma GCC diagnostic ignored "-Wdeprecated-declarations"
  connection->inhibit_reactivation(true);
#pragma GCC diagnostic pop
  return connection;
}

// One round trip sets up the session and asks what the refusals need.
pqxx::row set_up(pqxx::connection& connection, const ConnectOptions& options) {
  const std::chrono::milliseconds idle_limit = kIdleInTransactionLimit;
  return pqxx::nontransaction(connection)
      .exec_params1(
          "SELECT pg_catalog.current_setting('server_encoding'), pg_catalog.pg_is_in_recovery(),"
          "  pg_catalog.set_config('search_path', 'pg_catalog, pg_temp', false),"
          "  pg_catalog.set_config('timezone', 'UTC', false),"
          "  pg_catalog.set_config('jit', 'off', false),"
          // Each statement sees what is committed when it begins, whatever the database's default.
          "  pg_catalog.set_config('default_transaction_isolation', 'read committed', false),"
          "  pg_catalog.set_config('statement_timeout', $1, false),"
          "  pg_catalog.set_config('idle_in_transaction_session_timeout', $2, false)",
          std::to_string(options.statement_timeout.count()), std::to_string(idle_limit.count()));
}

void require_fit(pqxx::connection& connection, const pqxx::row& facts) {
  const int version = connection.server_version();
  if (version < kOldestServer) {
    throw DatabaseUnfit(fmt::format("{}: the server is PostgreSQL {}, Ordercast needs {} or later",
                                    describe(connection), version / 10000, kOldestServer / 10000));
  }
  if (facts[0].as<std::string>() == "SQL_ASCII") {
    throw DatabaseUnfit(fmt::format(
        "{}: the database has the encoding SQL_ASCII, so its text may be no valid UTF-8, "
        "which JSON needs: use a database with ENCODING 'UTF8'",
        describe(connection)));
  }
  if (facts[1].as<bool>()) {
    throw DatabaseUnfit(fmt::format(
        "{}: the server is a standby, which can neither LISTEN nor be migrated: connect to "
        "the primary (several hosts: add target_session_attrs=read-write)",
        describe(connection)));
  }
}

}  // namespace

std::unique_ptr<pqxx::connection> connect(const std::string& conninfo,
                                          const ConnectOptions& options) {
  auto connection = open(conninfo, options);
  try {
    std::optional<Watchdog::Watch> watch;
    if (options.watchdog != nullptr) watch.emplace(*options.watchdog, *connection, kAnswerLimit);
    require_fit(*connection, set_up(*connection, options));
  } catch (const pqxx::failure& error) {
    throw ConnectionFailed(fmt::format("{}: {}", describe(*connection), error.what()));
  }
  return connection;
}

bool has_ended(const pqxx::connection& connection) {
  pollfd entry{.fd = connection.sock(), .events = POLLIN, .revents = 0};
  return ::poll(&entry, 1, 0) != 0;
}

std::string describe(pqxx::connection& connection) {
  const auto text = [](const char* value) { return value == nullptr ? std::string_view() : value; };
  try {
    return fmt::format("{}@{}:{}/{}", text(connection.username()), text(connection.hostname()),
                       text(connection.port()), text(connection.dbname()));
  } catch (const pqxx::failure&) {
    return "a broken connection";
  }
}

}  // namespace ordercast::pg

#if defined(__SANITIZE_ADDRESS__)
// libpqxx 6.4.5 loses the result, 2 kB, of the statement during which a connection breaks: its
// make_result() throws between PQexec() and the result's owner. Once per lost connection; not ours
// to mend.
extern "C" const char* __lsan_default_suppressions();
extern "C" const char* __lsan_default_suppressions() {
  return "leak:libpqxx-6.4.so";
}
#endif
