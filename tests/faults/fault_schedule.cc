#include "faults/fault_schedule.h"

#include <utility>

namespace ordercast::faults {

std::string_view name_of(FaultKind kind) {
  switch (kind) {
    case FaultKind::kKillNode:
      return "kill -9 of a server";
    case FaultKind::kEndNode:
      return "SIGTERM of a server";
    case FaultKind::kFreezeNode:
      return "a server frozen";
    case FaultKind::kTerminateSessions:
      return "servers' sessions terminated";
    case FaultKind::kTerminateWriters:
      return "writers' sessions terminated";
    case FaultKind::kKillBackend:
      return "kill -9 of a PostgreSQL backend";
    case FaultKind::kKillPostmaster:
      return "kill -9 of the postmaster";
    case FaultKind::kRestartDatabase:
      return "restart of PostgreSQL";
    case FaultKind::kCutClients:
      return "all clients cut";
    case FaultKind::kLongTransaction:
      return "a long transaction";
    case FaultKind::kBigTransaction:
      return "10,000 changes in one transaction";
  }
  return "";
}

Fault FaultSchedule::next() {
  if (round_.empty()) {
    for (int kind = 0; kind < kFaultKinds; ++kind) round_.push_back(static_cast<FaultKind>(kind));
    // Not std::shuffle: its order is the library's own, and a seed is to mean the same everywhere.
    for (std::size_t i = round_.size() - 1; i > 0; --i) {
      std::swap(round_[i], round_[random_() % (i + 1)]);
    }
  }
  const FaultKind kind = round_.back();
  round_.pop_back();
  const auto pause = between(100, 2500);
  const auto target = static_cast<std::uint32_t>(random_());
  return {kind, pause, target, between(0, 2000)};
}

std::chrono::milliseconds FaultSchedule::between(int low_ms, int high_ms) {
  const auto span = static_cast<std::uint64_t>(high_ms - low_ms);
  return std::chrono::milliseconds(low_ms + static_cast<int>(random_() % span));
}

}  // namespace ordercast::faults
