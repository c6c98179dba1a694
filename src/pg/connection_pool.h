// A few connections shared by many threads: reading history for clients that lag must not open a
// connection each. Thread-safe. A lease is confined to one thread; it outlives neither the pool nor
// the process.
#pragma once

#include <chrono>
#include <memory>
#include <pqxx/pqxx>
#include <string>
#include <vector>

#include "base/mutex.h"
#include "pg/watchdog.h"

namespace ordercast::pg {

class ConnectionPool {
 public:
  // `watchdog` outlives the pool.
  ConnectionPool(std::string conninfo, std::size_t size, Watchdog& watchdog)
      : conninfo_(std::move(conninfo)), watchdog_(watchdog), free_(size) {}

  class Lease {
   public:
    Lease(ConnectionPool& pool, std::unique_ptr<pqxx::connection> connection);
    ~Lease();
    Lease(const Lease&) = delete;
    Lease& operator=(const Lease&) = delete;
    [[nodiscard]] pqxx::connection& operator*() const { return *connection_; }
    // The connection is closed instead of reused: its last statement failed.
    void discard() { connection_.reset(); }

   private:
    ConnectionPool& pool_;
    std::unique_ptr<pqxx::connection> connection_;
  };

  // Waits for a free connection; opens it when it is new, or has ended meanwhile. Throws
  // HistoryUnavailable when there is none within `timeout`, or the database cannot be reached.
  [[nodiscard]] std::unique_ptr<Lease> lease(std::chrono::milliseconds timeout) EXCLUDES(mutex_);

 private:
  void give_back(std::unique_ptr<pqxx::connection> connection) EXCLUDES(mutex_);

  const std::string conninfo_;
  Watchdog& watchdog_;
  Mutex mutex_;
  CondVar returned_;
  // A null entry is a place for a connection that is not open yet.
  std::vector<std::unique_ptr<pqxx::connection>> free_ GUARDED_BY(mutex_);
};

}  // namespace ordercast::pg
