// Ordercast on a table of a benchmark's own, published to by SQL. Confined to one thread, but for
// the publishers that it runs.
#pragma once

#include <chrono>
#include <cstdint>
#include <functional>
#include <pqxx/pqxx>
#include <string>

#include "load/crowd.h"
#include "rig/bench_database.h"
#include "rig/server_process.h"
#include "rig/trial.h"

namespace ordercast::bench {

class TableTrial {
 public:
  explicit TableTrial(BenchDatabase& database);

  // Subscribers that ask for `target_of(index)`; not connected yet.
  [[nodiscard]] load::CrowdOptions crowd(std::size_t connections,
                                         std::function<std::string(std::size_t)> target_of) const;
  [[nodiscard]] Costs costs() const;
  // What a second costs in which nothing is published.
  [[nodiscard]] Costs idle_cost(load::Crowd& crowd) const;
  [[nodiscard]] pid_t pid() const { return server_.pid(); }

 private:
  BenchDatabase& database_;
  ServerProcess server_;
};

// Inserts more rows into `orders`, with negative keys, than the hub keeps in memory.
void fill_backlog(pqxx::connection& session);

// Calls `step(0)` to `step(steps - 1)`, so many a second, while the crowd receives, until it is
// complete or `limit` is over; `idle` is called about every 100 ms. Rethrows what a step throws.
void run_paced(load::Crowd& crowd, std::uint64_t steps, double per_second,
               const std::function<void(std::uint64_t)>& step, std::chrono::seconds limit,
               const std::function<void()>& idle = {});

}  // namespace ordercast::bench
