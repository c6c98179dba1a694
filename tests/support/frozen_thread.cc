#include "support/frozen_thread.h"

#include <fmt/format.h>
#include <sys/ptrace.h>
#include <sys/wait.h>

#include <cerrno>
#include <cstring>
#include <filesystem>
#include <fstream>
#include <stdexcept>

namespace ordercast::testing {
namespace {

pid_t find_thread(pid_t process, const std::string& name) {
  for (const auto& entry :
       std::filesystem::directory_iterator(fmt::format("/proc/{}/task", process))) {
    std::string found;
    std::getline(std::ifstream(entry.path() / "comm"), found);
    if (found == name) return static_cast<pid_t>(std::stol(entry.path().filename()));
  }
  throw std::runtime_error(fmt::format("process {} has no thread {}", process, name));
}

void require(bool succeeded, const char* what) {
  if (!succeeded) throw std::runtime_error(fmt::format("{}: {}", what, std::strerror(errno)));
}

}  // namespace

FrozenThread::FrozenThread(pid_t process, const std::string& name)
    : thread_(find_thread(process, name)) {
  require(::ptrace(PTRACE_SEIZE, thread_, nullptr, nullptr) == 0, "PTRACE_SEIZE");
  require(::ptrace(PTRACE_INTERRUPT, thread_, nullptr, nullptr) == 0, "PTRACE_INTERRUPT");
  require(::waitpid(thread_, nullptr, __WALL) == thread_, "the thread does not stop");
}

FrozenThread::~FrozenThread() {
  ::ptrace(PTRACE_DETACH, thread_, nullptr, nullptr);
}

}  // namespace ordercast::testing
