#include "rig/cpu_clock.h"

#include <charconv>
#include <ctime>
#include <filesystem>
#include <fstream>
#include <map>
#include <string>

namespace ordercast::bench {
namespace {

namespace fs = std::filesystem;

// The fourth field of /proc/PID/stat; the second, in parentheses, may hold anything.
pid_t parent_of(const fs::path& proc) {
  std::ifstream file(proc / "stat");
  std::string line;
  std::getline(file, line);
  const auto end = line.rfind(") ");
  if (end == line.npos || line.size() < end + 4) return 0;
  return static_cast<pid_t>(std::atoi(line.c_str() + end + 4));
}

}  // namespace

std::int64_t cpu_ns(pid_t process) {
  clockid_t clock{};
  timespec used{};
  if (::clock_getcpuclockid(process, &clock) != 0 || ::clock_gettime(clock, &used) != 0) return 0;
  return std::int64_t{used.tv_sec} * 1'000'000'000 + used.tv_nsec;
}

std::vector<pid_t> tree_of(pid_t process) {
  std::multimap<pid_t, pid_t> children;
  std::error_code ignored;
  for (const auto& entry : fs::directory_iterator("/proc", ignored)) {
    const auto name = entry.path().filename().string();
    pid_t pid = 0;
    if (std::from_chars(name.data(), name.data() + name.size(), pid).ec != std::errc()) continue;
    children.emplace(parent_of(entry.path()), pid);
  }
  std::vector<pid_t> tree{process};
  for (std::size_t i = 0; i < tree.size(); ++i) {
    const auto [begin, end] = children.equal_range(tree[i]);
    for (auto child = begin; child != end; ++child) tree.push_back(child->second);
  }
  return tree;
}

std::int64_t tree_cpu_ns(pid_t process) {
  std::int64_t sum = 0;
  for (const auto pid : tree_of(process)) sum += cpu_ns(pid);
  return sum;
}

}  // namespace ordercast::bench
