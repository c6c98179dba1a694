// A few connections shared by many threads: reading history for clients that lag must not open a
// connection each. Tenants take turns, and none has all of them (base/fair_turns.h): one that
// replays all at once waits for itself, not the others for it. Thread-safe. A lease is confined to
// one thread; it outlives neither the pool nor the process.
#pragma once

#include <chrono>
#include <memory>
#include <pqxx/pqxx>
#include <string>
#include <vector>

#include "base/fair_turns.h"
#include "base/mutex.h"
#include "core/epoch.h"
#include "pg/watchdog.h"

namespace ordercast::pg {

class ConnectionPool {
  struct Place {
    std::unique_ptr<pqxx::connection> connection;  // null while it is not open
    Epoch epoch;                                   // of the database when it was opened
  };

 public:
  // `watchdog` outlives the pool. `most_per_tenant`: connections that threads OnBehalfOf one tenant
  // have at once.
  ConnectionPool(std::string conninfo, std::size_t size, std::size_t most_per_tenant,
                 Watchdog& watchdog)
      : conninfo_(std::move(conninfo)),
        watchdog_(watchdog),
        turns_(size, most_per_tenant),
        size_(size) {
    free_.reserve(size);
  }
  // The same numbers, for leases from now on. What is beyond them is closed: at once when it is
  // free, else when it is given back.
  void resize(std::size_t size, std::size_t most_per_tenant) EXCLUDES(mutex_);

  class Lease {
   public:
    Lease(ConnectionPool& pool, std::string tenant, Place place);
    ~Lease();
    Lease(const Lease&) = delete;
    Lease& operator=(const Lease&) = delete;
    [[nodiscard]] pqxx::connection& operator*() const { return *place_.connection; }
    // The connection is closed instead of reused: its last statement failed.
    void discard() { place_.connection.reset(); }

   private:
    ConnectionPool& pool_;
    const std::string tenant_;
    Place place_;
  };

  // Waits for a free connection to a database in `epoch`; opens it when it is new, has ended
  // meanwhile, or leads to another epoch. Throws HistoryUnavailable when there is none within
  // `timeout`, the database cannot be reached, or is not in that epoch.
  [[nodiscard]] std::unique_ptr<Lease> lease(const Epoch& epoch, std::chrono::milliseconds timeout)
      EXCLUDES(mutex_);

  // How the turns for connections went.
  [[nodiscard]] FairTurns::Counters turns() const { return turns_.counters(); }

 private:
  [[nodiscard]] Place take(const std::string& tenant, std::chrono::milliseconds timeout)
      EXCLUDES(mutex_);
  [[nodiscard]] Place open() const;
  void give_back(const std::string& tenant, Place place) noexcept EXCLUDES(mutex_);

  const std::string conninfo_;
  Watchdog& watchdog_;
  FairTurns turns_;
  Mutex mutex_;
  std::size_t size_ GUARDED_BY(mutex_);
  std::size_t leased_ GUARDED_BY(mutex_) = 0;
  // Connections that nobody has; room for size_ of them is reserved, so that to give one back never
  // takes memory.
  std::vector<Place> free_ GUARDED_BY(mutex_);
};

}  // namespace ordercast::pg
