// One run of the proof: writers, servers and clients on a database of their own, while faults
// happen; then what every client was told is held against what was committed.
#pragma once

#include <chrono>
#include <cstdint>

#include "faults/report.h"

namespace ordercast::faults {

struct TrialOptions {
  std::uint64_t seed = 1;
  std::chrono::seconds time{60};
  int nodes = 2;
  int writers = 4;
  int clients = 20;
  bool quiet = false;  // says nothing while it runs
};

// Call it in main's thread, in a program of its own: it stops and kills the database server.
[[nodiscard]] Report run_trial(const TrialOptions& options);

}  // namespace ordercast::faults
