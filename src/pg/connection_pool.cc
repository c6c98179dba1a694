#include "pg/connection_pool.h"

#include <utility>

#include "core/history_reader.h"
#include "pg/connection.h"
#include "pg/log_queries.h"

namespace ordercast::pg {

ConnectionPool::Lease::Lease(ConnectionPool& pool, std::unique_ptr<pqxx::connection> connection)
    : pool_(pool), connection_(std::move(connection)) {}

ConnectionPool::Lease::~Lease() {
  pool_.give_back(std::move(connection_));
}

std::unique_ptr<ConnectionPool::Lease> ConnectionPool::lease(std::chrono::milliseconds timeout) {
  const auto deadline = std::chrono::steady_clock::now() + timeout;
  std::unique_ptr<pqxx::connection> connection;
  {
    MutexLock lock(mutex_);
    while (free_.empty()) {
      if (!returned_.wait_until(mutex_, deadline) && free_.empty()) {
        throw HistoryUnavailable("too many clients read history at once");
      }
    }
    connection = std::move(free_.back());
    free_.pop_back();
  }
  // From here on the lease owns the place: it goes back also when the connection cannot be opened.
  if (connection && !has_ended(*connection))
    return std::make_unique<Lease>(*this, std::move(connection));
  try {
    connection = connect(conninfo_, {.watchdog = &watchdog_});
    const Watchdog::Watch watch(watchdog_, *connection, kAnswerLimit);
    require_schema(*connection);
    prepare_log_queries(*connection);
  } catch (const std::exception& error) {
    give_back(nullptr);
    throw HistoryUnavailable(error.what());
  }
  return std::make_unique<Lease>(*this, std::move(connection));
}

void ConnectionPool::give_back(std::unique_ptr<pqxx::connection> connection) {
  MutexLock lock(mutex_);
  free_.push_back(std::move(connection));
  returned_.notify_one();
}

}  // namespace ordercast::pg
