// Looks a database over as a node will meet it, and says what is wrong and how to mend it:
// `ordercast doctor`. Changes nothing. Free functions; they connect by themselves, so thread-safe.
//
// A check is a function from a Patient to its findings (server_checks.h, schema_checks.h,
// load_checks.h); checkup.cc has the table of them. A check that throws has found that it could not
// look.
#pragma once

#include <chrono>
#include <functional>
#include <pqxx/pqxx>
#include <string>
#include <vector>

#include "core/finding.h"

namespace ordercast::pg {

// From when on something is worth a word.
struct CheckupLimits {
  // A transaction of a shop takes seconds. While it is open, no part of the log that it reaches
  // into is let go.
  std::chrono::seconds long_transaction{300};
  // As the listener's own alarm (ListenerOptions::queue_alarm); from the second on, it is urgent.
  double notify_queue = 0.1;
  double notify_queue_full = 0.5;
  // `exp` of tokens and the times of events are compared by different clocks; tokens are given 30
  // s.
  std::chrono::milliseconds clock{1'000};
  std::chrono::milliseconds clock_of_tokens{30'000};
};

struct CheckupOptions {
  CheckupLimits limits;
  // The clock of this machine.
  std::function<std::chrono::system_clock::time_point()> now = std::chrono::system_clock::now;
};

// What a check may look at.
struct Patient {
  pqxx::connection& connection;
  const std::string& conninfo;
  const CheckupOptions& options;
};

using Findings = std::vector<Finding>;

// All of them, in the table's order. Where the database cannot be reached, or has not the schema of
// this binary, what would only repeat that is left out.
[[nodiscard]] Findings examine(const std::string& conninfo, const CheckupOptions& options = {});

}  // namespace ordercast::pg
