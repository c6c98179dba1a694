// Waiting for what another process will do. The time-out is a defect's, never the usual case's.
#pragma once

#include <chrono>
#include <thread>

#include "support/child_process.h"

namespace ordercast::testing {

// Asks again and again until `condition` holds; false when it did not within `patience`.
template <typename Condition>
bool eventually(Condition condition, std::chrono::milliseconds patience = kPatience) {
  constexpr std::chrono::milliseconds kPause{5};
  const auto deadline = std::chrono::steady_clock::now() + patience;
  while (!condition()) {
    if (std::chrono::steady_clock::now() >= deadline) return false;
    std::this_thread::sleep_for(kPause);
  }
  return true;
}

}  // namespace ordercast::testing
