// The desk in the database (sql/0012_order_desk.sql): one connection for all requests, opened at
// first use; each waits its turn. Writes are done with the rights of the role that connects.
// Thread-safe.
#pragma once

#include <string>

#include "core/desk.h"
#include "pg/connection_pool.h"

namespace ordercast::pg {

class DatabaseDesk : public Desk {
 public:
  // `conninfo` as libpq takes it. `watchdog` outlives the desk.
  DatabaseDesk(std::string conninfo, Watchdog& watchdog)
      : watchdog_(watchdog), pool_(std::move(conninfo), 1, 1, watchdog) {}

  [[nodiscard]] std::optional<DeskRow> find(const Epoch& epoch, std::string_view stream,
                                            const std::vector<std::string>& key,
                                            const RowScope& scope) override;
  [[nodiscard]] WriteResult insert(const Epoch& epoch, std::string_view stream,
                                   std::string_view columns, const RowScope& scope) override;
  [[nodiscard]] WriteResult update(const Epoch& epoch, std::string_view stream,
                                   const std::vector<std::string>& key,
                                   const std::optional<std::vector<std::string>>& tags,
                                   std::string_view columns, const RowScope& scope) override;
  [[nodiscard]] std::variant<std::int64_t, DatabaseRefusal> publish(
      const Epoch& epoch, std::string_view stream, std::string_view event, std::string_view data,
      const std::optional<std::string>& tenant) override;
  [[nodiscard]] LogReach reach(const Epoch& epoch) override;

 private:
  struct Write;

  // A transaction on the connection, committed when `ask` has returned, unless it wrote what is
  // forbidden. Throws what Desk says.
  template <typename Ask>
  auto transact(const Epoch& epoch, Ask ask);
  [[nodiscard]] WriteResult write(const Epoch& epoch, const Write& write);
  // Nullopt: another transaction came between the look and the write.
  [[nodiscard]] static std::optional<WriteResult> try_write(pqxx::work& work, const Write& write);

  Watchdog& watchdog_;
  ConnectionPool pool_;
};

}  // namespace ordercast::pg
