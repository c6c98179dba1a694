#include "base/child_process.h"

#include <fcntl.h>
#include <fmt/format.h>
#include <grp.h>
#include <poll.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <csignal>
#include <cstring>
#include <utility>

namespace ordercast {
namespace {

using Step = SpawnError::Step;

// What the child tells us over a close-on-exec pipe when it fails before exec.
struct Failure {
  Step step;
  int error;
};

const char* step_text(Step step) {
  switch (step) {
    case Step::kFork:
      return "cannot start a process for it";
    case Step::kBecomeUser:
      return "cannot change to the user it runs as";
    case Step::kEnterDirectory:
      return "cannot enter its working directory";
    case Step::kOpenOutput:
      return "cannot open its output";
    case Step::kSetDeathSignal:
      return "cannot tie it to this process";
    case Step::kExec:
      return "cannot execute it";
  }
  return "";
}

std::vector<char*> pointers(const std::vector<std::string>& strings) {
  std::vector<char*> result;
  for (const auto& each : strings) result.push_back(const_cast<char*>(each.c_str()));
  result.push_back(nullptr);
  return result;
}

// The child's half. Between fork and exec of a threaded program only async-signal-safe calls are
// allowed (signal-safety(7)): no allocation, no exception.
class Child {
 public:
  Child(const SpawnOptions& options, char* const* argv, char* const* environment, pid_t parent,
        int failure_fd)
      : options_(options),
        argv_(argv),
        environment_(environment),
        parent_(parent),
        failure_fd_(failure_fd) {}

  [[noreturn]] void run() const {
    ::setsid();
    forget_pending_signals();
    become_user();
    if (!options_.working_dir.empty() && ::chdir(options_.working_dir.c_str()) != 0) {
      fail(Step::kEnterDirectory);
    }
    connect_outputs();
    set_death_signal();
    // Also descriptors that a library opened without close-on-exec, a listening socket above all.
    ::close_range(STDERR_FILENO + 1, ~0U, CLOSE_RANGE_CLOEXEC);
    reset_signals();
    ::execve(argv_[0], argv_, environment_);
    fail(Step::kExec);
  }

 private:
  [[noreturn]] void fail(Step step) const {
    const Failure failure{step, errno};
    [[maybe_unused]] const auto written = ::write(failure_fd_, &failure, sizeof failure);
    ::_exit(127);
  }

  // The bare system calls: glibc's wrappers synchronise all threads, of which the child has none.
  void become_user() const {
    if (!options_.run_as) return;
    if (::syscall(SYS_setgroups, 0, nullptr) != 0 ||
        ::syscall(SYS_setgid, options_.run_as->gid) != 0 ||
        ::syscall(SYS_setuid, options_.run_as->uid) != 0) {
      fail(Step::kBecomeUser);
    }
  }

  void connect_outputs() const {
    const int null = ::open("/dev/null", O_RDWR | O_CLOEXEC);
    int out = null;
    if (!options_.output_file.empty()) {
      constexpr mode_t kPrivate = 0600;
      out = ::open(options_.output_file.c_str(),
                   O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC | O_NOFOLLOW, kPrivate);
    }
    const int stdout_fd = options_.stdout_fd >= 0 ? options_.stdout_fd : out;
    const int stderr_fd = options_.stderr_fd >= 0 ? options_.stderr_fd : out;
    if (::dup2(null, STDIN_FILENO) < 0 || ::dup2(stdout_fd, STDOUT_FILENO) < 0 ||
        ::dup2(stderr_fd, STDERR_FILENO) < 0) {
      fail(Step::kOpenOutput);
    }
  }

  // After the change of user, which clears it; and a parent that died before this call sends
  // nothing.
  void set_death_signal() const {
    if (options_.death_signal == 0) return;
    if (::prctl(PR_SET_PDEATHSIG, options_.death_signal) != 0) fail(Step::kSetDeathSignal);
    if (::getppid() != parent_) ::_exit(127);
  }

  // A Ctrl-C between fork and setsid was meant for our parent, which has it, too. All are blocked
  // here; ignoring one discards what is pending of it. Before the death signal is asked for.
  static void forget_pending_signals() {
    for (int number = 1; number < NSIG; ++number) ::signal(number, SIG_IGN);
  }

  // Ignored and blocked signals survive exec: a server that ignores SIGPIPE must not pass that on.
  static void reset_signals() {
    for (int number = 1; number < NSIG; ++number) ::signal(number, SIG_DFL);
    sigset_t none;
    ::sigemptyset(&none);
    ::sigprocmask(SIG_SETMASK, &none, nullptr);
  }

  const SpawnOptions& options_;
  char* const* argv_;
  char* const* environment_;
  pid_t parent_;
  int failure_fd_;
};

// Handlers of ours must not run in the child between fork and exec.
class AllSignalsBlocked {
 public:
  AllSignalsBlocked() {
    sigset_t all;
    ::sigfillset(&all);
    ::pthread_sigmask(SIG_SETMASK, &all, &before_);
  }
  ~AllSignalsBlocked() { ::pthread_sigmask(SIG_SETMASK, &before_, nullptr); }
  AllSignalsBlocked(const AllSignalsBlocked&) = delete;
  AllSignalsBlocked& operator=(const AllSignalsBlocked&) = delete;

 private:
  sigset_t before_;
};

std::optional<Failure> read_failure(int fd) {
  Failure failure{};
  ssize_t got = 0;
  do {
    got = ::read(fd, &failure, sizeof failure);
  } while (got < 0 && errno == EINTR);
  if (got == sizeof failure) return failure;
  return std::nullopt;
}

ExitStatus reap(pid_t pid) {
  int raw = 0;
  pid_t got = 0;
  do {
    got = ::waitpid(pid, &raw, 0);
  } while (got < 0 && errno == EINTR);
  ExitStatus status;
  if (got != pid) return status;
  if (WIFEXITED(raw)) status.code = WEXITSTATUS(raw);
  if (WIFSIGNALED(raw)) status.signal = WTERMSIG(raw);
  return status;
}

}  // namespace

SpawnError::SpawnError(Step step, int error, const std::string& program)
    : std::system_error(error, std::generic_category(),
                        fmt::format("{}: {}", program, step_text(step))),
      step_(step) {}

std::string ExitStatus::text() const {
  if (signal != 0) return fmt::format("was ended by signal {} ({})", signal, ::strsignal(signal));
  if (code < 0) return "has ended";
  return fmt::format("exited with status {}", code);
}

ChildProcess ChildProcess::spawn(const SpawnOptions& options) {
  const auto& program = options.argv.at(0);
  const auto argv = pointers(options.argv);
  const auto environment = pointers(options.environment);
  int ends[2];
  if (::pipe2(ends, O_CLOEXEC) != 0) throw SpawnError(Step::kFork, errno, program);
  UniqueFd read_end(ends[0]);
  UniqueFd write_end(ends[1]);

  const pid_t parent = ::getpid();
  pid_t pid = -1;
  int fork_error = 0;
  {
    const AllSignalsBlocked blocked;
    pid = ::fork();
    fork_error = errno;
    if (pid == 0) Child(options, argv.data(), environment.data(), parent, write_end.get()).run();
  }
  if (pid < 0) throw SpawnError(Step::kFork, fork_error, program);

  // glibc 2.36 declares pidfd_open() without extern "C".
  UniqueFd exit_fd(static_cast<int>(::syscall(SYS_pidfd_open, pid, 0)));
  const int pidfd_error = errno;
  ChildProcess child(pid, std::move(exit_fd));
  if (!child.exit_fd_) throw SpawnError(Step::kFork, pidfd_error, program);
  write_end.reset();
  if (const auto failure = read_failure(read_end.get())) {
    throw SpawnError(failure->step, failure->error, program);
  }
  return child;
}

ChildProcess::ChildProcess(ChildProcess&& other) noexcept
    : pid_(std::exchange(other.pid_, -1)),
      exit_fd_(std::move(other.exit_fd_)),
      status_(std::exchange(other.status_, std::nullopt)) {}

ChildProcess::~ChildProcess() {
  if (pid_ < 0 || status_) return;
  ::kill(pid_, SIGKILL);
  reap(pid_);
}

std::optional<ExitStatus> ChildProcess::wait(std::chrono::milliseconds timeout) {
  using Clock = std::chrono::steady_clock;
  const auto deadline = Clock::now() + timeout;
  while (!status_) {
    const auto left = std::chrono::ceil<std::chrono::milliseconds>(deadline - Clock::now());
    pollfd ended{exit_fd_.get(), POLLIN, 0};
    const int ready = ::poll(&ended, 1, static_cast<int>(std::max<std::int64_t>(left.count(), 0)));
    if (ready > 0) {
      status_ = reap(pid_);
    } else if (ready == 0) {
      return std::nullopt;
    } else if (errno != EINTR) {
      throw std::system_error(errno, std::generic_category(), "poll");
    }
  }
  return status_;
}

void ChildProcess::signal(int number) {
  // Until it is reaped the pid stays ours, so this cannot hit a stranger.
  if (pid_ > 0 && !status_) ::kill(pid_, number);
}

}  // namespace ordercast
