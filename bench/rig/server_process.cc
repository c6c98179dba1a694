#include "rig/server_process.h"

#include <fcntl.h>
#include <fmt/format.h>
#include <poll.h>
#include <sys/mman.h>
#include <unistd.h>

#include <array>
#include <charconv>
#include <csignal>
#include <cstdlib>
#include <filesystem>
#include <sstream>
#include <stdexcept>
#include <utility>

#include "rig/cores.h"
#include "rig/tcp.h"

namespace ordercast::bench {
namespace {

namespace fs = std::filesystem;
using Clock = std::chrono::steady_clock;

constexpr std::chrono::seconds kStartLimit{30};
// PostgreSQL's clients and ten thousand threads have to go.
constexpr std::chrono::seconds kStopLimit{30};

std::vector<std::string> our_environment() {
  std::vector<std::string> all;
  for (char** entry = environ; *entry != nullptr; ++entry) all.emplace_back(*entry);
  return all;
}

std::uint16_t port_in(std::string_view line) {
  const auto colon = line.rfind(':');
  std::uint16_t port = 0;
  if (colon != line.npos) std::from_chars(line.data() + colon + 1, line.data() + line.size(), port);
  return port;
}

}  // namespace

struct ServerProcess::Outputs {
  Outputs() {
    int ends[2];
    if (::pipe2(ends, O_CLOEXEC) != 0) throw std::runtime_error("pipe2 failed");
    read_end.reset(ends[0]);
    write_end.reset(ends[1]);
    stderr_file.reset(::memfd_create("stderr", MFD_CLOEXEC));
    ::fcntl(stderr_file.get(), F_SETFL, O_APPEND);
  }
  UniqueFd read_end;
  UniqueFd write_end;
  UniqueFd stderr_file;
};

ServerProcess::ServerProcess(std::vector<std::string> argv, std::uint16_t port)
    : ServerProcess(std::move(argv), port, Outputs()) {}

ServerProcess::ServerProcess(std::vector<std::string> argv, std::uint16_t port, Outputs outputs)
    : name_(argv.at(0)),
      stdout_(std::move(outputs.read_end)),
      stderr_(std::move(outputs.stderr_file)),
      child_([&] {
        const OnServerCore pinned;
        return ChildProcess::spawn({.argv = std::move(argv),
                                    .environment = our_environment(),
                                    .run_as = {},
                                    .working_dir = {},
                                    .output_file = {},
                                    .stdout_fd = outputs.write_end.get(),
                                    .stderr_fd = stderr_.get(),
                                    .death_signal = SIGINT});
      }()),
      port_(port),
      publish_port_(port) {
  outputs.write_end.reset();
  if (port_ == 0) read_ports();
  wait_until_it_accepts();
}

ServerProcess::~ServerProcess() {
  child_.signal(SIGINT);
  // The child leads a process group of its own.
  if (!child_.wait(kStopLimit)) ::kill(-child_.pid(), SIGKILL);
}

void ServerProcess::read_ports() {
  const auto deadline = Clock::now() + kStartLimit;
  std::string text;
  std::array<char, 4096> chunk;
  while (port_ == 0) {
    const auto left = std::chrono::ceil<std::chrono::milliseconds>(deadline - Clock::now()).count();
    pollfd readable{stdout_.get(), POLLIN, 0};
    if (left <= 0 || ::poll(&readable, 1, static_cast<int>(left)) != 1) break;
    const ssize_t got = ::read(stdout_.get(), chunk.data(), chunk.size());
    if (got <= 0) throw failed("ended before it listened");
    text.append(chunk.data(), static_cast<std::size_t>(got));
    std::istringstream lines(text);
    // Complete lines only: a port may be torn.
    for (std::string line; std::getline(lines, line) && !lines.eof();) {
      if (line.starts_with("publish at ")) publish_port_ = port_in(line);
      if (line.starts_with("listening on ")) port_ = port_in(line);
    }
  }
  if (port_ == 0) throw failed("did not say where it listens");
}

void ServerProcess::wait_until_it_accepts() {
  constexpr std::chrono::milliseconds kPause{5};
  const auto deadline = Clock::now() + kStartLimit;
  while (!can_connect(port_)) {
    if (child_.wait(kPause)) throw failed("ended before it listened");
    if (Clock::now() > deadline) throw failed("does not accept connections");
  }
}

std::string ServerProcess::stderr_text() const {
  std::string text;
  std::array<char, 4096> chunk;
  for (ssize_t got; (got = ::pread(stderr_.get(), chunk.data(), chunk.size(),
                                   static_cast<off_t>(text.size()))) > 0;) {
    text.append(chunk.data(), static_cast<std::size_t>(got));
  }
  return text;
}

std::runtime_error ServerProcess::failed(std::string_view what) const {
  return std::runtime_error(fmt::format("{} {}; its stderr: {}", name_, what, stderr_text()));
}

std::string built_program(std::string_view name) {
  const auto bench = fs::read_symlink("/proc/self/exe").parent_path();
  const auto program = bench.parent_path() / name;
  if (!fs::exists(program)) {
    throw std::runtime_error(
        fmt::format("{} is not built: ./dev bench builds it", program.string()));
  }
  return program;
}

std::string system_program(std::string_view name) {
  const char* path = std::getenv("PATH");
  std::istringstream folders(fmt::format("{}:/usr/sbin:/sbin", path != nullptr ? path : ""));
  for (std::string folder; std::getline(folders, folder, ':');) {
    auto program = fmt::format("{}/{}", folder, name);
    if (::access(program.c_str(), X_OK) == 0) return program;
  }
  throw std::runtime_error(
      fmt::format("there is no {}: ./dev bench installs what tools/packages.txt lists", name));
}

}  // namespace ordercast::bench
