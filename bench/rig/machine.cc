#include "rig/machine.h"

#include <fmt/chrono.h>
#include <fmt/format.h>
#include <sys/sysinfo.h>
#include <sys/utsname.h>

#include <cstdlib>
#include <ctime>
#include <fstream>
#include <thread>

namespace ordercast::bench {
namespace {

std::string cpu_model() {
  std::ifstream file("/proc/cpuinfo");
  for (std::string line; std::getline(file, line);) {
    if (line.starts_with("model name")) return line.substr(line.find(": ") + 2);
  }
  return "unknown CPU";
}

double load_average() {
  double load = 0;
  return ::getloadavg(&load, 1) == 1 ? load : 0;
}

}  // namespace

std::string machine(const std::string& postgres) {
  utsname system{};
  ::uname(&system);
  struct sysinfo memory {};
  ::sysinfo(&memory);
  const auto gigabytes = static_cast<double>(memory.totalram) * memory.mem_unit / 1e9;
  return fmt::format(
      "Measured {:%Y-%m-%d} on {} cores of {}, {:.0f} GB, Linux {}{}; load average at the end "
      "{:.1f}.\n",
      fmt::gmtime(std::time(nullptr)), std::thread::hardware_concurrency(), cpu_model(), gigabytes,
      system.release, postgres.empty() ? "" : ", PostgreSQL " + postgres, load_average());
}

}  // namespace ordercast::bench
