#include "support/forked.h"

#include <fcntl.h>
#include <grp.h>
#include <poll.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include <array>
#include <csignal>
#include <stdexcept>
#include <utility>

#include "support/child_process.h"

namespace ordercast::testing {
namespace {

bool readable(int fd) {
  pollfd wanted{fd, POLLIN, 0};
  const std::chrono::milliseconds patience = kPatience;
  return ::poll(&wanted, 1, static_cast<int>(patience.count())) > 0;
}

// None when there is no such process.
UniqueFd process_descriptor(pid_t pid) {
  return UniqueFd(static_cast<int>(::syscall(SYS_pidfd_open, pid, 0)));
}

void become(const UserIds& ids) {
  if (::setgroups(0, nullptr) != 0 || ::setgid(ids.gid) != 0 || ::setuid(ids.uid) != 0) {
    throw std::runtime_error("cannot become the user");
  }
}

}  // namespace

Forked::Forked(const std::function<void(const Report& report)>& body,
               std::optional<UserIds> run_as) {
  int ends[2];
  if (::pipe2(ends, O_CLOEXEC) != 0) throw std::runtime_error("pipe2 failed");
  read_end_.reset(ends[0]);
  const UniqueFd write_end(ends[1]);
  pid_ = ::fork();
  if (pid_ < 0) throw std::runtime_error("fork failed");
  if (pid_ > 0) return;

  // The child leaves by _exit(): destructors of the test program's statics belong to the parent.
  const Report report = [&](const std::string& text) {
    if (::write(write_end.get(), text.data(), text.size()) < 0) ::_exit(1);
  };
  try {
    if (run_as) become(*run_as);
    ::prctl(PR_SET_PDEATHSIG, SIGKILL);
    body(report);
  } catch (const std::exception& error) {
    report(std::string("error: ") + error.what());
  } catch (...) {
    report("error: a failed assertion");
  }
  ::_exit(0);
}

Forked::~Forked() {
  kill();
}

std::string Forked::report() {
  std::array<char, 4096> text;  // a pipe delivers up to PIPE_BUF (4,096) bytes in one piece
  if (!readable(read_end_.get())) throw std::runtime_error("the forked child reported nothing");
  const ssize_t got = ::read(read_end_.get(), text.data(), text.size());
  return std::string(text.data(), got > 0 ? static_cast<std::size_t>(got) : 0);
}

void Forked::kill() {
  if (pid_ <= 0) return;
  ::kill(pid_, SIGKILL);
  ::waitpid(pid_, nullptr, 0);
  pid_ = -1;
}

UniqueFd watch_process(pid_t pid) {
  auto watched = process_descriptor(pid);
  if (!watched) throw std::runtime_error("there is no such process to watch");
  return watched;
}

bool ends(const UniqueFd& watched) {
  return readable(watched.get());
}

std::vector<UniqueFd> watch_running(const std::vector<pid_t>& pids) {
  std::vector<UniqueFd> watched;
  for (const auto pid : pids) {
    if (auto process = process_descriptor(pid)) watched.push_back(std::move(process));
  }
  return watched;
}

}  // namespace ordercast::testing
