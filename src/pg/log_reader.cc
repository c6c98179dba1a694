#include "pg/log_reader.h"

#include <utility>
#include <vector>

#include "pg/connection.h"
#include "pg/log_queries.h"

namespace ordercast::pg {
namespace {

// A page takes milliseconds: who waits that long for a turn waits on a database that has stopped,
// and had better send a heartbeat.
constexpr std::chrono::seconds kPageTurn{5};
// All rows of a table can take seconds, and clients may come in a crowd. Below the minute after
// which a proxy thinks that a silent stream is dead.
constexpr std::chrono::seconds kRowsTurn{45};
// For the next thousand rows: the table may be locked, or be mostly rows that are dead.
constexpr std::chrono::seconds kRowsLimit{45};

// Runs `read` on a leased connection. Whatever fails may have broken the connection, which is then
// let go.
template <typename Read>
auto with_connection(ConnectionPool& pool, const Epoch& epoch, std::chrono::seconds turn,
                     Read read) {
  const auto lease = pool.lease(epoch, turn);
  try {
    return read(**lease);
  } catch (const HistoryLost&) {
    throw;
  } catch (const pqxx::failure& error) {
    lease->discard();
    throw HistoryUnavailable(error.what());
  } catch (...) {
    lease->discard();
    throw;
  }
}

}  // namespace

Batch LogReader::read_after(const Epoch& epoch, const Position& from) {
  return with_connection(pool_, epoch, kPageTurn, [&](pqxx::connection& connection) {
    const Watchdog::Watch watch(watchdog_, connection, kAnswerLimit);
    return read_page(connection, from);
  });
}

Batch LogReader::read_earliest(const Epoch& epoch) {
  return with_connection(pool_, epoch, kPageTurn, [&](pqxx::connection& connection) {
    const Watchdog::Watch watch(watchdog_, connection, kAnswerLimit);
    return pg::read_earliest(connection);
  });
}

Position LogReader::read_head(const Epoch& epoch) {
  return with_connection(pool_, epoch, kPageTurn, [&](pqxx::connection& connection) {
    const Watchdog::Watch watch(watchdog_, connection, kAnswerLimit);
    return pg::read_head(connection);
  });
}

std::optional<Change> LogReader::find_change(const Epoch& epoch, std::int64_t seq) {
  return with_connection(pool_, epoch, kPageTurn, [&](pqxx::connection& connection) {
    const Watchdog::Watch watch(watchdog_, connection, kAnswerLimit);
    return pg::find_change(connection, seq);
  });
}

Position LogReader::read_rows(const Epoch& epoch, const RowQuery& query,
                              const std::function<bool(std::vector<SnapshotRow>)>& page) {
  return with_connection(pool_, epoch, kRowsTurn, [&](pqxx::connection& connection) {
    Watchdog::Watch watch(watchdog_, connection, kRowsLimit);
    return pg::read_rows(connection, query, [&](std::vector<SnapshotRow> rows) {
      watch.renew();
      return page(std::move(rows));
    });
  });
}

}  // namespace ordercast::pg
