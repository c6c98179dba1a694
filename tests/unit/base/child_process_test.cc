#include "base/child_process.h"

#include <fcntl.h>
#include <grp.h>
#include <poll.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include <catch2/catch.hpp>
#include <cerrno>
#include <csignal>
#include <fstream>
#include <sstream>

#include "base/run_command.h"
#include "support/child_process.h"
#include "support/forked.h"
#include "support/temp_dir.h"

namespace ordercast {
namespace {

using std::chrono::milliseconds;
using testing::Forked;
using testing::kPatience;
using testing::TempDir;

SpawnOptions shell(const std::string& script) {
  SpawnOptions options;
  options.argv = {"/bin/sh", "-c", script};
  options.environment = {"PATH=/usr/bin:/bin"};
  return options;
}

// What `script` prints; it runs in a child that writes to a file.
std::string printed_by(const std::string& script, std::optional<UserIds> run_as = std::nullopt) {
  const TempDir dir;
  if (run_as) REQUIRE(::chown(dir.path().c_str(), run_as->uid, run_as->gid) == 0);
  auto options = shell(script);
  options.output_file = dir.path() / "out";
  options.run_as = run_as;
  auto child = ChildProcess::spawn(options);
  const auto status = child.wait(kPatience);
  REQUIRE(status);
  CHECK(status->success());
  std::ostringstream text;
  text << std::ifstream(options.output_file).rdbuf();
  return text.str();
}

TEST_CASE("The end of a child is told with its exit status or signal") {
  auto exits = ChildProcess::spawn(shell("exit 3"));
  CHECK(exits.wait(kPatience)->text() == "exited with status 3");
  CHECK(exits.wait(kPatience)->code == 3);

  auto dies = ChildProcess::spawn(shell("kill -KILL $$"));
  CHECK(dies.wait(kPatience)->signal == SIGKILL);
  CHECK_FALSE(dies.wait(kPatience)->success());
}

TEST_CASE("Waiting for a child that runs on ends at the limit, and its end shows in poll") {
  auto child = ChildProcess::spawn(shell("exec sleep 60"));
  CHECK_FALSE(child.wait(milliseconds(0)));
  pollfd ended{child.exit_fd(), POLLIN, 0};
  CHECK(::poll(&ended, 1, 0) == 0);
  child.signal(SIGTERM);
  CHECK(::poll(&ended, 1, static_cast<int>(milliseconds(kPatience).count())) == 1);
  CHECK(child.wait(milliseconds(0))->signal == SIGTERM);
}

TEST_CASE("A child that somebody else reaped has ended, with nothing known about how") {
  auto child = ChildProcess::spawn(shell("exit 3"));
  siginfo_t info{};
  REQUIRE(::waitid(P_PID, static_cast<id_t>(child.pid()), &info, WEXITED) == 0);
  CHECK(child.wait(kPatience)->text() == "has ended");
}

TEST_CASE("A child goes with its object") {
  pid_t pid = 0;
  {
    const auto child = ChildProcess::spawn(shell("exec sleep 60"));
    pid = child.pid();
  }
  CHECK(::kill(pid, 0) == -1);
  CHECK(errno == ESRCH);
}

TEST_CASE("A program that cannot run says which step failed and why") {
  auto options = shell("true");
  options.argv[0] = "/nowhere/sh";
  try {
    ChildProcess::spawn(options);
    FAIL("it ran");
  } catch (const SpawnError& error) {
    CHECK(error.step() == SpawnError::Step::kExec);
    CHECK(error.code().value() == ENOENT);
    CHECK_THAT(error.what(), Catch::Contains("/nowhere/sh: cannot execute it"));
  }

  options = shell("true");
  options.working_dir = "/nowhere";
  try {
    ChildProcess::spawn(options);
    FAIL("it ran");
  } catch (const SpawnError& error) {
    CHECK(error.step() == SpawnError::Step::kEnterDirectory);
  }
}

TEST_CASE("Output is appended to a file that only its owner may read") {
  const TempDir dir;
  auto options = shell("echo out; echo err >&2");
  options.output_file = dir.path() / "log";
  for (int run = 0; run < 2; ++run) ChildProcess::spawn(options).wait(kPatience);
  std::ostringstream text;
  text << std::ifstream(options.output_file).rdbuf();
  CHECK(text.str() == "out\nerr\nout\nerr\n");
  struct stat status {};
  REQUIRE(::stat(options.output_file.c_str(), &status) == 0);
  CHECK((status.st_mode & 0777) == 0600);
}

TEST_CASE("Output is not written through a link") {
  const TempDir dir;
  std::ofstream(dir.path() / "target") << "precious";
  std::filesystem::create_symlink(dir.path() / "target", dir.path() / "log");
  auto options = shell("echo x");
  options.output_file = dir.path() / "log";
  CHECK_THROWS_AS(ChildProcess::spawn(options), SpawnError);
}

TEST_CASE("A child inherits no descriptor, not even one without close-on-exec") {
  const int leaky = ::socket(AF_INET, SOCK_STREAM, 0);
  REQUIRE(leaky > STDERR_FILENO);
  const auto open_descriptors = printed_by("for fd in /proc/$$/fd/*; do readlink $fd; done; true");
  ::close(leaky);
  CHECK_THAT(open_descriptors, Catch::Contains("/dev/null") && !Catch::Contains("socket:"));
}

TEST_CASE("A child begins with default signal handling, whatever ours is") {
  ::signal(SIGPIPE, SIG_IGN);
  sigset_t blocked;
  ::sigemptyset(&blocked);
  ::sigaddset(&blocked, SIGTERM);
  ::sigprocmask(SIG_BLOCK, &blocked, nullptr);
  const auto states = printed_by("grep -E '^Sig(Blk|Ign)' /proc/self/status");
  ::sigprocmask(SIG_UNBLOCK, &blocked, nullptr);
  ::signal(SIGPIPE, SIG_DFL);
  CHECK(states == "SigBlk:\t0000000000000000\nSigIgn:\t0000000000000000\n");
}

TEST_CASE("A child leads a session of its own, so that our terminal's signals miss it") {
  auto child = ChildProcess::spawn(shell("exec sleep 60"));
  CHECK(::getsid(child.pid()) == child.pid());
  CHECK(::getpgid(child.pid()) == child.pid());
}

TEST_CASE("A child sees exactly the environment it is given") {
  ::setenv("ORDERCAST_TEST_SECRET", "x", 1);
  const auto environment = printed_by("tr '\\0' '\\n' < /proc/self/environ");
  ::unsetenv("ORDERCAST_TEST_SECRET");
  CHECK(environment == "PATH=/usr/bin:/bin\n");
}

TEST_CASE("As root a child can run as another user, without root's groups") {
  if (::geteuid() != 0) return;  // nobody else may change user
  Forked root([](const Forked::Report& report) {
    const gid_t groups[] = {0, 4};
    if (::setgroups(2, groups) != 0) throw std::runtime_error("setgroups");
    report(printed_by("id -u; id -g; id -G", UserIds{65534, 65534}));
  });
  CHECK(root.report() == "65534\n65534\n65534\n");
}

TEST_CASE("A child gets its death signal when its parent is killed") {
  const auto expect_end = [](std::optional<UserIds> run_as) {
    Forked parent([&](const Forked::Report& report) {
      auto options = shell("exec sleep 60");
      options.run_as = run_as;
      options.death_signal = SIGTERM;
      const auto child = ChildProcess::spawn(options);
      report(std::to_string(child.pid()));
      ::pause();
    });
    const auto orphan = testing::watch_process(std::stoi(parent.report()));
    parent.kill();
    CHECK(testing::ends(orphan));
  };
  SECTION("as the same user") {
    expect_end(std::nullopt);
  }
  SECTION("also when it became another user") {
    if (::geteuid() == 0) expect_end(UserIds{65534, 65534});
  }
}

TEST_CASE("A helper's output comes back without its last newline, or not at all") {
  CHECK(run_command({"/bin/echo", "two", "words"}) == "two words");
  CHECK_FALSE(run_command({"/bin/false"}));
  CHECK_FALSE(run_command({"/nowhere/program"}));
}

}  // namespace
}  // namespace ordercast
