// What goes wrong when: an endless sequence of faults that a seed determines. Value types; confined
// to one thread.
#pragma once

#include <chrono>
#include <cstdint>
#include <random>
#include <string_view>
#include <vector>

namespace ordercast::faults {

enum class FaultKind {
  kKillNode,           // SIGKILL of a server; it is started again after `length`
  kEndNode,            // SIGTERM of a server, which drains its streams; started again
  kFreezeNode,         // SIGSTOP of a server for `length`
  kTerminateSessions,  // pg_terminate_backend of all sessions of the servers
  kTerminateWriters,   // the same for the writers
  kKillBackend,        // SIGKILL of a PostgreSQL backend: all of PostgreSQL restarts and recovers
  kKillPostmaster,     // SIGKILL of the postmaster, started again after `length`
  kRestartDatabase,    // fast shutdown, started again after `length`
  kCutClients,         // all clients are cut at once
  kLongTransaction,    // a change is made now and committed after `length`, behind all others
  kBigTransaction,     // 10,000 changes at once
};
inline constexpr int kFaultKinds = 11;

[[nodiscard]] std::string_view name_of(FaultKind kind);

struct Fault {
  FaultKind kind;
  std::chrono::milliseconds pause;   // after the fault before
  std::uint32_t target;              // chooses among what there is, modulo its number
  std::chrono::milliseconds length;  // how long it lasts
};

class FaultSchedule {
 public:
  explicit FaultSchedule(std::uint64_t seed) : random_(seed) {}

  // Every kind comes once in each kFaultKinds faults, in another order each time.
  [[nodiscard]] Fault next();

 private:
  [[nodiscard]] std::chrono::milliseconds between(int low_ms, int high_ms);

  std::mt19937_64 random_;
  std::vector<FaultKind> round_;  // what is left of it
};

}  // namespace ordercast::faults
