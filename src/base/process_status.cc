#include "base/process_status.h"

#include <sys/resource.h>
#include <unistd.h>

#include <filesystem>
#include <fstream>
#include <iterator>
#include <sstream>
#include <string>
#include <system_error>
#include <vector>

namespace ordercast {
namespace {

std::string text_of(const char* path) {
  std::ifstream file(path);
  return {std::istreambuf_iterator<char>(file), {}};
}

// Of the machine, in seconds since 1970.
double boot_time() {
  const auto stat = text_of("/proc/stat");
  const auto at = stat.find("\nbtime ");
  return at == stat.npos ? 0 : std::stod(stat.substr(at + 7));
}

std::uint64_t count_open_fds() {
  std::error_code error;
  std::uint64_t count = 0;
  std::filesystem::directory_iterator entry("/proc/self/fd", error);
  for (; !error && entry != std::filesystem::directory_iterator(); entry.increment(error)) ++count;
  return count;
}

// The numbers of /proc/self/stat; proc(5) counts the first one, behind the name, as the third
// field.
std::vector<std::uint64_t> stat_fields() {
  const auto stat = text_of("/proc/self/stat");
  // The name, in parentheses, may hold anything.
  const auto name_end = stat.rfind(')');
  if (name_end == stat.npos) return {};
  std::istringstream text(stat.substr(name_end + 1));
  std::string state;
  text >> state;
  std::vector<std::uint64_t> fields(4);  // so that their indexes are those of the manual
  for (std::int64_t field = 0; text >> field;) fields.push_back(static_cast<std::uint64_t>(field));
  return fields;
}

void read_stat(ProcessStatus& status) {
  enum Field { kUserTime = 14, kSystemTime = 15, kThreads = 20, kStart = 22, kVirtual, kResident };
  const auto fields = stat_fields();
  if (fields.size() <= kResident) return;
  const auto ticks = static_cast<double>(::sysconf(_SC_CLK_TCK));
  status.cpu_seconds = static_cast<double>(fields[kUserTime] + fields[kSystemTime]) / ticks;
  status.threads = fields[kThreads];
  status.start_time_seconds = boot_time() + static_cast<double>(fields[kStart]) / ticks;
  status.virtual_bytes = fields[kVirtual];
  status.resident_bytes = fields[kResident] * static_cast<std::uint64_t>(::sysconf(_SC_PAGESIZE));
}

}  // namespace

ProcessStatus process_status() {
  ProcessStatus status;
  read_stat(status);
  status.open_fds = count_open_fds();
  rlimit limit{};
  if (::getrlimit(RLIMIT_NOFILE, &limit) == 0) status.max_fds = limit.rlim_cur;
  return status;
}

}  // namespace ordercast
