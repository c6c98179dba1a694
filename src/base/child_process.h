// One program started by fork and exec, and its end. Confined to one thread.
//
// What the child gets is only what SpawnOptions says: a session of its own (so a Ctrl-C meant for
// us does not reach it, and kill(-pid) reaches all of it), default signal handling, no file
// descriptor of ours but 0, 1, 2. `death_signal` follows the *thread* that spawned (prctl(2),
// PR_SET_PDEATHSIG): when that thread ends, the child is signalled although the process lives on.
// Spawn from a thread that outlives the child, as main's. Linux 5.11 or later (pidfd_open,
// close_range).
#pragma once

#include <sys/types.h>

#include <chrono>
#include <optional>
#include <string>
#include <system_error>
#include <vector>

#include "base/unique_fd.h"

namespace ordercast {

// Who a child runs as; it gets no supplementary groups.
struct UserIds {
  uid_t uid = 0;
  gid_t gid = 0;
};

struct SpawnOptions {
  std::vector<std::string> argv;         // argv[0] is the path of the program
  std::vector<std::string> environment;  // "NAME=value"; exactly these
  std::optional<UserIds> run_as;         // needs root; none: as we are
  std::string working_dir;               // entered as `run_as`; empty: ours
  std::string output_file;  // stdout and stderr are appended, opened as `run_as`, mode 0600
  int stdout_fd = -1;       // instead of output_file; both absent: /dev/null
  int stderr_fd = -1;
  int death_signal = 0;  // sent to the child when our thread ends, also by kill -9; 0: none
};

// What went wrong before the program ran: exec itself, or one of the steps that lead to it.
class SpawnError : public std::system_error {
 public:
  enum class Step { kFork, kBecomeUser, kEnterDirectory, kOpenOutput, kSetDeathSignal, kExec };
  SpawnError(Step step, int error, const std::string& program);
  [[nodiscard]] Step step() const { return step_; }

 private:
  Step step_;
};

struct ExitStatus {
  int code = -1;   // -1: not by exit(), or unknown because somebody else reaped the child
  int signal = 0;  // 0: not by a signal
  [[nodiscard]] bool success() const { return code == 0; }
  [[nodiscard]] std::string text()
      const;  // "exited with status 1", "was ended by signal 9 (Killed)"
};

class ChildProcess {
 public:
  // Throws SpawnError; the child has then been reaped.
  static ChildProcess spawn(const SpawnOptions& options);

  ChildProcess(ChildProcess&&) noexcept;
  ChildProcess& operator=(ChildProcess&&) = delete;
  // Kills (SIGKILL) and reaps a child that still runs.
  ~ChildProcess();

  [[nodiscard]] pid_t pid() const { return pid_; }
  // Becomes readable when the child has ended; for poll(2).
  [[nodiscard]] int exit_fd() const { return exit_fd_.get(); }

  // Waits until the child has ended, at most `timeout`, and reaps it. Empty when it still runs.
  std::optional<ExitStatus> wait(std::chrono::milliseconds timeout);
  // Nothing happens when the child has ended.
  void signal(int number);

 private:
  ChildProcess(pid_t pid, UniqueFd exit_fd) : pid_(pid), exit_fd_(std::move(exit_fd)) {}

  pid_t pid_;
  UniqueFd exit_fd_;
  std::optional<ExitStatus> status_;
};

}  // namespace ordercast
