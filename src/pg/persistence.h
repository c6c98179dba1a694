// What an operator's verb does with a busy table: the SQL functions behind it give up after a
// fraction of a second instead of making writers queue, and are tried again until they get in. Free
// functions, confined to the connection's thread.
#pragma once

#include <chrono>
#include <functional>
#include <stdexcept>
#include <string>

namespace ordercast::pg {

// PostgreSQL refuses what was asked for, or the table stayed busy: what() says why, and what to do.
struct Refused : std::runtime_error {
  using std::runtime_error::runtime_error;
};

// How long to insist.
struct Persistence {
  using Millis = std::chrono::milliseconds;
  // The pauses together; an attempt itself takes at most 0.2 s (lock_timeout in sql/).
  Millis limit{30000};
  // Called after each attempt that found the table busy.
  std::function<void(int attempts)> waiting = {};
  // The pause between attempts; none: really sleeps.
  std::function<void(Millis)> sleep = {};
};

// Calls `attempt` until it finds no lock in its way. `what` stays busy, should it come to that.
// Throws Refused.
void insist(const std::string& what, const Persistence& persistence,
            const std::function<void()>& attempt);

}  // namespace ordercast::pg
