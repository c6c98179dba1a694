#include "app/machine_checks.h"

#include <fmt/format.h>
#include <sys/resource.h>

#include <array>
#include <fstream>
#include <optional>
#include <string>

#include "app/connection_budget.h"
#include "http/server_options.h"

namespace ordercast::app {
namespace {

namespace fs = std::filesystem;

// Of a node itself, besides its clients, as docs/architecture.md lists them.
constexpr std::size_t kOtherThreads = 20;
// A stack and its guard page.
constexpr std::size_t kMapsOfThread = 2;

// "max", and what cannot be read, is no limit.
std::optional<std::size_t> number_in(const fs::path& file) {
  std::size_t value = 0;
  if (std::ifstream(file) >> value) return value;
  return std::nullopt;
}

// The folder of this process's control group that counts tasks (cgroups(7)): version 2's, else the
// controller `pids` of version 1.
fs::path group_of_tasks(const fs::path& root) {
  std::ifstream groups(root / "proc/self/cgroup");
  fs::path found;
  for (std::string line; std::getline(groups, line);) {
    const auto path = line.substr(line.rfind(':') + 1);
    if (line.find(":pids:") != line.npos) return root / "sys/fs/cgroup/pids" / path.substr(1);
    if (line.starts_with("0::/")) found = root / "sys/fs/cgroup" / path.substr(1);
  }
  return found;
}

struct Limit {
  const char* name;
  std::optional<std::size_t> threads;
  const char* mend;
};

Finding check_descriptors(const Machine& machine) {
  if (has_room(machine.descriptors, machine.connections)) {
    return fine(fmt::format("a process may open {} files", machine.descriptors));
  }
  return warning(
      fmt::format("a process may open {} files, too few for {} connections: some will be "
                  "turned away",
                  machine.descriptors, machine.connections),
      fmt::format("LimitNOFILE={} in the unit (ulimit -Hn in a shell), or fewer "
                  "--max-connections.",
                  descriptors_for(machine.connections)));
}

Finding check_threads(const Machine& machine) {
  const auto wanted = machine.connections + kOtherThreads;
  const auto kernel = machine.root / "proc/sys";
  const auto maps = number_in(kernel / "vm/max_map_count");
  const std::array limits = {
      Limit{"kernel.threads-max", number_in(kernel / "kernel/threads-max"),
            "sysctl kernel.threads-max, higher"},
      Limit{"kernel.pid_max", number_in(kernel / "kernel/pid_max"),
            "sysctl kernel.pid_max, higher"},
      Limit{"vm.max_map_count (two for each thread)",
            maps ? std::optional(*maps / kMapsOfThread) : std::nullopt,
            "sysctl vm.max_map_count, higher"},
      Limit{"pids.max of the control group", number_in(group_of_tasks(machine.root) / "pids.max"),
            "TasksMax= in the unit, --pids-limit of the container, higher"}};
  const Limit* lowest = nullptr;
  for (const auto& limit : limits) {
    if (!limit.threads) continue;
    if (lowest == nullptr || *limit.threads < *lowest->threads) lowest = &limit;
  }
  if (lowest == nullptr) return fine("nothing limits threads here");
  const auto says = fmt::format("{} threads, by {}", *lowest->threads, lowest->name);
  if (*lowest->threads >= wanted) return fine(says);
  return warning(says + fmt::format("; {} connections take one each: some will be turned away",
                                    machine.connections),
                 fmt::format("{}; or fewer --max-connections.", lowest->mend));
}

Finding check_accept_queue(const Machine& machine) {
  const auto wanted = static_cast<std::size_t>(http::ServerOptions{}.listen_backlog);
  const auto found = number_in(machine.root / "proc/sys/net/core/somaxconn");
  if (!found) return warning("net.core.somaxconn cannot be read", "Look at it by sysctl.");
  if (*found >= wanted) return fine(fmt::format("{} new connections may wait", *found));
  return warning(
      fmt::format("only {} new connections may wait: of a crowd that comes back at once, "
                  "many try again after a second or more",
                  *found),
      fmt::format("sysctl -w net.core.somaxconn={}", wanted));
}

}  // namespace

Machine this_machine(std::optional<std::size_t> connections) {
  rlimit limit{};
  ::getrlimit(RLIMIT_NOFILE, &limit);
  const std::size_t descriptors = limit.rlim_max;
  return {.descriptors = descriptors,
          .connections = connections.value_or(default_connections(descriptors))};
}

std::vector<Finding> examine_machine(const Machine& machine) {
  std::vector<Finding> findings = {check_descriptors(machine), check_threads(machine),
                                   check_accept_queue(machine)};
  constexpr std::array kNames = {"descriptors", "threads", "accept_queue"};
  for (std::size_t i = 0; i < kNames.size(); ++i) findings[i].check = kNames.at(i);
  return findings;
}

}  // namespace ordercast::app
