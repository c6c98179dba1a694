// The servers that are compared, all behind one interface: started fresh, subscribed to by a
// load::Crowd, published to by one thread.
#pragma once

#include <functional>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "load/crowd.h"
#include "rig/bench_database.h"
#include "rig/server_process.h"

namespace ordercast::bench {

class System {
 public:
  virtual ~System() = default;

  // Where its subscribers go.
  [[nodiscard]] virtual load::CrowdOptions crowd(std::size_t connections) const = 0;
  // One event, numbered `seq` and stamped now; returns when the system has taken it. May be called
  // from another thread than the one that made it, but from one at a time.
  virtual void publish(std::uint64_t seq) = 0;
  // Gets the events `first` to `last` ready; what is returned publishes them, as fast as the system
  // takes them.
  using Burst = std::function<void()>;
  [[nodiscard]] virtual Burst prepare_burst(std::uint64_t first, std::uint64_t last) = 0;

  [[nodiscard]] virtual pid_t pid() const = 0;
  // CPU time of the server, without the database.
  [[nodiscard]] virtual std::int64_t cpu_ns() const = 0;
  // Of PostgreSQL, where it takes part.
  [[nodiscard]] virtual std::int64_t database_cpu_ns() const { return 0; }
};

// `ordercast serve` on the database, on a free port, without heartbeats that would be measured.
[[nodiscard]] std::vector<std::string> ordercast_command(const BenchDatabase& database);

struct SystemKind {
  std::string_view name;   // for --only: "bare"
  std::string_view title;  // for the tables
  bool paced;              // false: differs from another one only in the burst
  std::function<std::unique_ptr<System>(BenchDatabase&)> start;
  bool only_when_named = false;  // an experiment on another one
};

// bare, hub, ordercast, transaction (a burst is one transaction), nchan, better-sse, node-pg; when
// named, bare-io_uring and bare-threads.
[[nodiscard]] const std::vector<SystemKind>& system_kinds();
[[nodiscard]] const SystemKind& system_kind(std::string_view name);

}  // namespace ordercast::bench
