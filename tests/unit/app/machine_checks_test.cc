#include "app/machine_checks.h"

#include <catch2/catch.hpp>
#include <filesystem>
#include <fstream>
#include <string>

#include "app/connection_budget.h"
#include "support/temp_dir.h"

namespace ordercast::app {
namespace {

using Catch::Contains;
namespace fs = std::filesystem;

// A machine with room for everything, as the kernel would show it.
class FakeMachine {
 public:
  FakeMachine() {
    put("proc/sys/kernel/threads-max", "1000000");
    put("proc/sys/kernel/pid_max", "4194304");
    put("proc/sys/vm/max_map_count", "1048576");
    put("proc/sys/net/core/somaxconn", "4096");
    put("proc/self/cgroup", "0::/system.slice/ordercast.service\n");
    put("sys/fs/cgroup/system.slice/ordercast.service/pids.max", "max");
  }
  void put(const fs::path& file, const std::string& text) const {
    fs::create_directories((dir_.path() / file).parent_path());
    std::ofstream(dir_.path() / file) << text << '\n';
  }
  // What is wrong, in one text.
  [[nodiscard]] std::string trouble(std::size_t descriptors = 20'200) const {
    std::string text;
    for (const auto& finding : examine_machine(
             {.root = dir_.path(), .descriptors = descriptors, .connections = 20'000})) {
      if (finding.severity == Severity::kOk) continue;
      CHECK(finding.severity == Severity::kWarning);
      text += finding.check + ": " + finding.says + " -> " + finding.mend + '\n';
    }
    return text;
  }

 private:
  testing::TempDir dir_;
};

TEST_CASE("A machine with room for so many clients has nothing wrong") {
  CHECK(FakeMachine().trouble().empty());
}

TEST_CASE("Too few descriptors are found, with the number that is needed") {
  CHECK_THAT(FakeMachine().trouble(20'199),
             Catch::StartsWith("descriptors: ") && Contains("LimitNOFILE=20200"));
}

TEST_CASE("Whatever limits threads the most is named") {
  const FakeMachine machine;
  SECTION("threads-max") {
    machine.put("proc/sys/kernel/threads-max", "20019");
    CHECK_THAT(machine.trouble(), Contains("20019 threads, by kernel.threads-max;"));
  }
  SECTION("pid_max") {
    machine.put("proc/sys/kernel/threads-max", "19000");
    machine.put("proc/sys/kernel/pid_max", "18000");
    CHECK_THAT(machine.trouble(), Contains("18000 threads, by kernel.pid_max;"));
  }
  SECTION("memory maps, of which a thread takes two") {
    machine.put("proc/sys/vm/max_map_count", "40038");
    CHECK_THAT(machine.trouble(), Contains("20019 threads, by vm.max_map_count"));
    machine.put("proc/sys/vm/max_map_count", "40040");
    CHECK(machine.trouble().empty());
  }
  SECTION("the control group, version 2") {
    machine.put("sys/fs/cgroup/system.slice/ordercast.service/pids.max", "500");
    CHECK_THAT(machine.trouble(), Contains("500 threads, by pids.max") && Contains("TasksMax="));
  }
  SECTION("the control group, version 1") {
    machine.put("proc/self/cgroup", "5:cpu:/x\n4:pids:/docker/abc\n0::/\n");
    machine.put("sys/fs/cgroup/pids/docker/abc/pids.max", "501");
    CHECK_THAT(machine.trouble(), Contains("501 threads, by pids.max"));
  }
}

TEST_CASE("A short queue of new connections is found") {
  const FakeMachine machine;
  machine.put("proc/sys/net/core/somaxconn", "128");
  CHECK_THAT(machine.trouble(),
             Catch::StartsWith("accept_queue: only 128") && Contains("net.core.somaxconn=4096"));
}

TEST_CASE("This machine has a limit of descriptors") {
  CHECK(this_machine(7).descriptors > 0);
  CHECK(this_machine(7).connections == 7);
  // Who asks for no number is not told that it is too high.
  const auto unasked = this_machine(std::nullopt);
  CHECK(has_room(unasked.descriptors, unasked.connections));
}

}  // namespace
}  // namespace ordercast::app
