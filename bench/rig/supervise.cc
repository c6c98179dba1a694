#include "rig/supervise.h"

#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cerrno>
#include <csignal>
#include <cstdio>
#include <cstdlib>
#include <system_error>

#include "support/temp_dir.h"
#include "support/test_database.h"

namespace ordercast::bench {
namespace {

constexpr int kInterrupted = 130;

std::filesystem::path scratch_path;
volatile pid_t child = 0;

// Ctrl-C reaches the child by itself; a second signal does no harm.
void pass_on(int number) {
  if (child > 0) ::kill(child, number);
}

}  // namespace

int supervise(const std::function<int()>& body) {
  const testing::TempDir folder(testing::server_root());
  scratch_path = folder.path();
  const pid_t parent = ::getpid();
  const pid_t forked = ::fork();
  if (forked < 0) throw std::system_error(errno, std::generic_category(), "fork");
  if (forked == 0) {
    ::prctl(PR_SET_PDEATHSIG, SIGKILL);
    if (::getppid() != parent) ::_exit(kInterrupted);
    const int status = body();
    std::fflush(stdout);
    ::_exit(status);
  }
  child = forked;
  ::signal(SIGINT, pass_on);
  ::signal(SIGTERM, pass_on);
  int status = 0;
  while (::waitpid(forked, &status, 0) < 0 && errno == EINTR) {
  }
  return WIFEXITED(status) ? WEXITSTATUS(status) : kInterrupted;
}

std::filesystem::path scratch() {
  return scratch_path;
}

}  // namespace ordercast::bench
