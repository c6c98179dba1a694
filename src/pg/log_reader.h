// Reads history from PostgreSQL for clients that lag, resume, or want the present rows.
// Thread-safe; a bounded number read at once, the others wait their turn, a page each and tenant by
// tenant, so that one long replay, or one tenant's thousand, does not starve them.
#pragma once

#include <string>

#include "core/history_reader.h"
#include "pg/connection_pool.h"

namespace ordercast::pg {

class LogReader : public HistoryReader {
 public:
  // `conninfo` as libpq takes it. Connects when first asked. `watchdog` outlives the reader.
  // `connections`: how many read at once; `per_tenant`: for clients of one tenant, and where there
  // are several never all.
  LogReader(std::string conninfo, Watchdog& watchdog, std::size_t connections = kConnections,
            std::size_t per_tenant = kPerTenant)
      : watchdog_(watchdog), pool_(std::move(conninfo), connections, per_tenant, watchdog) {}

  // With the listener's and the desk's, a node takes four at most.
  static constexpr std::size_t kConnections = 2;
  static constexpr std::size_t kPerTenant = 4;

  [[nodiscard]] Batch read_after(const Epoch& epoch, const Position& from) override;
  [[nodiscard]] Batch read_earliest(const Epoch& epoch) override;
  [[nodiscard]] Position read_head(const Epoch& epoch) override;
  [[nodiscard]] std::optional<Change> find_change(const Epoch& epoch, std::int64_t seq) override;
  [[nodiscard]] Position read_rows(
      const Epoch& epoch, const RowQuery& query,
      const std::function<bool(std::vector<SnapshotRow>)>& page) override;

  // The same bounds, for reads from now on.
  void set_limits(std::size_t connections, std::size_t per_tenant) {
    pool_.resize(connections, per_tenant);
  }

  // How the turns of those who read went. Thread-safe.
  [[nodiscard]] FairTurns::Counters turns() const { return pool_.turns(); }

 private:
  Watchdog& watchdog_;
  ConnectionPool pool_;
};

}  // namespace ordercast::pg
