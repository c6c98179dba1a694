// Checks of this machine's limits, for `ordercast doctor`: has it descriptors, threads and a queue
// of new connections for so many clients? Looks into /proc and the control group of this process; a
// service may have limits of its own (LimitNOFILE=, TasksMax=). Free functions; thread-safe.
#pragma once

#include <cstddef>
#include <filesystem>
#include <optional>
#include <vector>

#include "core/finding.h"

namespace ordercast::app {

struct Machine {
  std::filesystem::path root = "/";  // of /proc and /sys/fs/cgroup
  std::size_t descriptors = 0;       // the hard limit, to which a node raises its own
  std::size_t connections = 0;       // that a node is to have (--max-connections)
};

// This one. Without `connections`: as many as a node takes here when nobody says.
[[nodiscard]] Machine this_machine(std::optional<std::size_t> connections);

[[nodiscard]] std::vector<Finding> examine_machine(const Machine& machine);

}  // namespace ordercast::app
