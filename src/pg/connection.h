// Opens connections to PostgreSQL as all of Ordercast needs them. Free functions; thread-safe. A
// connection is confined to one thread at a time.
//
// * A broken connection stays broken: it throws pqxx::broken_connection for ever. (libpqxx 6.4.5
// would re-open it
//   silently and lose the notifications in between.) Throw it away and connect again.
// * A cut network is noticed within kNetworkLimit, also by a listener that only waits with poll(2)
// on sock().
// * Sessions run with time zone UTC, encoding UTF-8 and search_path pg_catalog: qualify every name.
// * Statements are never compiled (jit): they take less than a millisecond, compiling them takes
// hundreds, each time, once a plan looks expensive; with enable_seqscan = off every plan may.
#pragma once

#include <chrono>
#include <memory>
#include <pqxx/pqxx>
#include <stdexcept>
#include <string>

namespace ordercast::pg {

// Cannot connect now; trying again later may help. what() never holds the password.
struct ConnectionFailed : std::runtime_error {
  using std::runtime_error::runtime_error;
};

// Connected, but Ordercast cannot work with this database: encoding SQL_ASCII, a standby, a server
// before PostgreSQL 13. What must be changed is on the other side (a standby may be promoted:
// trying again is right).
struct DatabaseUnfit : ConnectionFailed {
  using ConnectionFailed::ConnectionFailed;
};

class Watchdog;

struct ConnectOptions {
  std::string application_name = "ordercast";
  // A statement that takes longer is cancelled by the server; 0: none is.
  std::chrono::milliseconds statement_timeout{0};
  // Ends the attempt when the server does not answer within kAnswerLimit; without it, the person at
  // the terminal does.
  Watchdog* watchdog = nullptr;
};

// `conninfo` is a libpq connection string or URL; what it sets itself wins over our defaults.
// Throws ConnectionFailed, DatabaseUnfit.
[[nodiscard]] std::unique_ptr<pqxx::connection> connect(const std::string& conninfo,
                                                        const ConnectOptions& options = {});

// Whether a connection at rest has ended meanwhile: nothing arrives on it but the news of its end
// (the server was restarted, an operator ended the session). Does not block. Not for connections
// that LISTEN.
[[nodiscard]] bool has_ended(const pqxx::connection& connection);

// Where a connection leads, for logs: "ordercast@/run/x:5432/shop" (user, host, port, database; no
// password).
[[nodiscard]] std::string describe(pqxx::connection& connection);

// TCP's own retries would hide a cut network for a quarter of an hour.
inline constexpr std::chrono::seconds kNetworkLimit{15};
// A server that does not even answer the handshake.
inline constexpr std::chrono::seconds kConnectLimit{10};
// A server that does not answer a statement: ours take milliseconds. With the listener's poll, one
// that hangs is known within the time of a cut network.
inline constexpr std::chrono::seconds kAnswerLimit{10};
// A transaction of ours that stops half-way must not hold back the vacuum of the shop's tables.
inline constexpr std::chrono::seconds kIdleInTransactionLimit{30};
inline constexpr int kOldestServer = 130000;  // xid8 and pg_snapshot came with PostgreSQL 13

}  // namespace ordercast::pg
