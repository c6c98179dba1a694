// The PostgreSQL of a benchmark, on the server's core, and its tables: `orders`, which Ordercast
// watches, and `notified`, whose trigger sends each row with NOTIFY on the channel of that name;
// for a load that no subscriber sees, the same again as `other_orders` and `other_notified`. Its
// files are in memory where there is room, so that not the disk is measured; the WAL is flushed as
// in a shop (fsync is on). Confined to the thread that made it, which must outlive it; but for
// connect().
#pragma once

#include <memory>
#include <pqxx/pqxx>
#include <string>

#include "pg/local_cluster.h"
#include "support/temp_dir.h"

namespace ordercast::bench {

class BenchDatabase {
 public:
  BenchDatabase();
  BenchDatabase(const BenchDatabase&) = delete;
  BenchDatabase& operator=(const BenchDatabase&) = delete;

  [[nodiscard]] std::string conninfo() const { return cluster_->conninfo(); }
  [[nodiscard]] std::unique_ptr<pqxx::connection> connect() const;
  [[nodiscard]] pid_t postmaster() const { return cluster_->postmaster(); }
  [[nodiscard]] std::string version() const;

  // The channel of NOTIFY, and of libpq's environment for programs that do not take a conninfo.
  static constexpr const char* kChannel = "notified";
  void set_environment() const;

 private:
  testing::TempDir dir_;
  std::unique_ptr<pg::LocalCluster> cluster_;
};

}  // namespace ordercast::bench
