#include "rig/memory.h"

#include <fmt/format.h>

#include <charconv>
#include <filesystem>
#include <fstream>
#include <initializer_list>
#include <iterator>
#include <string>
#include <string_view>

#include "rig/cpu_clock.h"

namespace ordercast::bench {
namespace {

namespace fs = std::filesystem;

// The sum of the lines "Name:   123 kB" that are named, in bytes.
std::uint64_t sum_of(const std::string& path, std::initializer_list<std::string_view> names) {
  std::ifstream file(path);
  std::uint64_t kilobytes = 0;
  for (std::string line; std::getline(file, line);) {
    for (const auto name : names) {
      if (line.starts_with(name)) kilobytes += std::stoull(line.substr(name.size()));
    }
  }
  return kilobytes * 1024;
}

std::size_t entries_of(const std::string& folder) {
  std::error_code error;
  const fs::directory_iterator entries(folder, error);
  return error ? 0 : static_cast<std::size_t>(std::distance(begin(entries), end(entries)));
}

}  // namespace

std::uint64_t tree_memory(pid_t process) {
  std::uint64_t sum = 0;
  for (const auto pid : tree_of(process)) {
    sum += sum_of(fmt::format("/proc/{}/smaps_rollup", pid), {"Pss:"});
  }
  return sum;
}

std::uint64_t kernel_memory() {
  return sum_of("/proc/meminfo", {"Slab:", "KernelStack:", "PageTables:"});
}

std::size_t open_descriptors(pid_t process) {
  return entries_of(fmt::format("/proc/{}/fd", process));
}

std::size_t threads(pid_t process) {
  return entries_of(fmt::format("/proc/{}/task", process));
}

}  // namespace ordercast::bench
