// Runs a function in a forked child of the test program, perhaps as another user: what a process
// that dies, or that is not root, leaves behind. Fork only while the program has one thread.
#pragma once

#include <functional>
#include <optional>
#include <string>
#include <vector>

#include "base/child_process.h"
#include "base/unique_fd.h"

namespace ordercast::testing {

class Forked {
 public:
  // `body` calls `report` once with its result and may then hold on to what it has with pause(2).
  // An exception that leaves it is reported as "error: <what>".
  using Report = std::function<void(const std::string&)>;
  explicit Forked(const std::function<void(const Report& report)>& body,
                  std::optional<UserIds> run_as = std::nullopt);
  // Kills (SIGKILL) and reaps the child.
  ~Forked();
  Forked(const Forked&) = delete;
  Forked& operator=(const Forked&) = delete;

  [[nodiscard]] pid_t pid() const { return pid_; }
  // What the child reported; empty when it ended without a word. Waits at most kPatience
  // (child_process.h).
  std::string report();
  // Reaps it as well.
  void kill();

 private:
  pid_t pid_ = -1;
  UniqueFd read_end_;
};

// Waits for the end of a process that is not ours to reap; false when it still runs after
// kPatience. Take the descriptor before the end, for the number may be given to another process
// after it.
[[nodiscard]] UniqueFd watch_process(pid_t pid);
[[nodiscard]] bool ends(const UniqueFd& watched);
// The same of those that still run: of a list, some may have ended since it was made.
[[nodiscard]] std::vector<UniqueFd> watch_running(const std::vector<pid_t>& pids);

}  // namespace ordercast::testing
