#include "support/child_process.h"

#include <fcntl.h>
#include <fmt/format.h>
#include <poll.h>
#include <sys/mman.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <csignal>
#include <cstdlib>
#include <sstream>
#include <stdexcept>
#include <string_view>
#include <utility>

namespace ordercast::testing {
namespace {

using std::chrono::milliseconds;
using Clock = std::chrono::steady_clock;

std::vector<std::string> environment_with(const std::map<std::string, std::string>& changes) {
  std::vector<std::string> result;
  for (char** entry = environ; *entry != nullptr; ++entry) {
    const std::string_view text = *entry;
    if (!changes.contains(std::string(text.substr(0, text.find('='))))) result.emplace_back(text);
  }
  for (const auto& [name, value] : changes) {
    if (!value.empty()) result.push_back(name + '=' + value);
  }
  return result;
}

std::string looked_up(const std::string& program) {
  if (program.find('/') != program.npos) return program;
  const char* path = std::getenv("PATH");
  std::istringstream dirs(path != nullptr ? path : "");
  for (std::string dir; std::getline(dirs, dir, ':');) {
    auto candidate = fmt::format("{}/{}", dir, program);
    if (::access(candidate.c_str(), X_OK) == 0) return candidate;
  }
  return program;
}

SpawnOptions spawn_options(std::vector<std::string> argv, const TestProcessOptions& options,
                           int stdout_fd, int stderr_fd) {
  SpawnOptions spawn;
  spawn.argv = std::move(argv);
  spawn.argv.at(0) = looked_up(spawn.argv.at(0));
  spawn.environment = environment_with(options.environment);
  spawn.run_as = options.run_as;
  spawn.working_dir = options.working_dir;
  spawn.stdout_fd = stdout_fd;
  spawn.stderr_fd = stderr_fd;
  spawn.death_signal = SIGKILL;
  return spawn;
}

}  // namespace

struct TestProcess::Pipes {
  Pipes() {
    int ends[2];
    if (::pipe2(ends, O_CLOEXEC) != 0) throw std::runtime_error("pipe2 failed");
    read_end.reset(ends[0]);
    write_end.reset(ends[1]);
    ::fcntl(write_end.get(), F_SETPIPE_SZ, kPipeBytes);
    ::fcntl(read_end.get(), F_SETFL, O_NONBLOCK);
    stderr_file.reset(::memfd_create("stderr", MFD_CLOEXEC));
    ::fcntl(stderr_file.get(), F_SETFL, O_APPEND);
  }
  UniqueFd read_end;
  UniqueFd write_end;
  UniqueFd stderr_file;
};

TestProcess::TestProcess(std::vector<std::string> argv, const TestProcessOptions& options)
    : TestProcess(argv, options, Pipes()) {}

TestProcess::TestProcess(const std::vector<std::string>& argv, const TestProcessOptions& options,
                         Pipes pipes)
    : name_(argv.at(0)),
      stdout_(std::move(pipes.read_end)),
      stderr_(std::move(pipes.stderr_file)),
      child_(
          ChildProcess::spawn(spawn_options(argv, options, pipes.write_end.get(), stderr_.get()))) {
}

TestProcess TestProcess::ordercast(std::vector<std::string> arguments,
                                   const TestProcessOptions& options) {
  const char* binary = std::getenv("ORDERCAST_BINARY");
  if (binary == nullptr) {
    throw std::runtime_error("set ORDERCAST_BINARY to the ordercast binary (CTest does)");
  }
  arguments.insert(arguments.begin(), options.program.empty() ? binary : options.program);
  return TestProcess(std::move(arguments), options);
}

bool TestProcess::fill(Clock::time_point deadline) {
  std::array<char, 65536> chunk;
  for (;;) {
    const ssize_t got = ::read(stdout_.get(), chunk.data(), chunk.size());
    if (got > 0) {
      buffer_.append(chunk.data(), static_cast<std::size_t>(got));
      return true;
    }
    if (got == 0) return false;
    const auto left = std::chrono::ceil<milliseconds>(deadline - Clock::now()).count();
    if (left <= 0) throw failed("printed nothing more in time");
    pollfd readable{stdout_.get(), POLLIN, 0};
    ::poll(&readable, 1, static_cast<int>(left));
  }
}

std::optional<std::string> TestProcess::read_line(milliseconds patience) {
  const auto deadline = Clock::now() + patience;
  auto end = buffer_.find('\n');
  while (end == buffer_.npos) {
    const auto searched = buffer_.size();
    if (!fill(deadline)) {
      if (buffer_.empty()) return std::nullopt;
      return std::exchange(buffer_, {});
    }
    end = buffer_.find('\n', searched);
  }
  auto line = buffer_.substr(0, end);
  buffer_.erase(0, end + 1);
  return line;
}

std::string TestProcess::wait_for_line(const std::string& prefix, milliseconds patience) {
  const auto deadline = Clock::now() + patience;
  for (;;) {
    const auto left = std::chrono::ceil<milliseconds>(deadline - Clock::now());
    const auto line = read_line(std::max(left, milliseconds(0)));
    if (!line) throw failed("ended its output without a line \"" + prefix + "…\"");
    if (line->starts_with(prefix)) return line->substr(prefix.size());
  }
}

std::string TestProcess::read_rest(milliseconds patience) {
  const auto deadline = Clock::now() + patience;
  while (fill(deadline)) {
  }
  return std::exchange(buffer_, {});
}

void TestProcess::signal_group(int number) {
  // A child of ours leads its own session and group; until it is reaped the number stays its own.
  if (running()) ::kill(-child_.pid(), number);
}

ExitStatus TestProcess::wait(milliseconds patience) {
  const auto status = child_.wait(patience);
  if (!status) throw failed("did not end in time");
  return *status;
}

bool TestProcess::running() {
  return !child_.wait(milliseconds(0));
}

std::string TestProcess::stderr_text() const {
  std::string text;
  std::array<char, 4096> chunk;
  for (ssize_t got; (got = ::pread(stderr_.get(), chunk.data(), chunk.size(),
                                   static_cast<off_t>(text.size()))) > 0;) {
    text.append(chunk.data(), static_cast<std::size_t>(got));
  }
  return text;
}

std::runtime_error TestProcess::failed(const std::string& what) const {
  return std::runtime_error(fmt::format("{} {}; its stderr: {}", name_, what, stderr_text()));
}

std::string output_of(std::vector<std::string> argv, const TestProcessOptions& options) {
  TestProcess process(std::move(argv), options);
  auto text = process.read_rest();
  const auto status = process.wait();
  if (!status.success()) {
    throw std::runtime_error(fmt::format("it {}: {}", status.text(), process.stderr_text()));
  }
  return text;
}

}  // namespace ordercast::testing
