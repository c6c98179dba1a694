#include "base/process_status.h"

#include <fcntl.h>

#include <catch2/catch.hpp>
#include <chrono>

#include "base/unique_fd.h"

namespace ordercast {
namespace {

TEST_CASE("The kernel's numbers of this process are believable", "[process_status]") {
  const auto before = process_status();
  const UniqueFd one_more(::open("/dev/null", O_RDONLY | O_CLOEXEC));
  const auto status = process_status();
  CHECK(status.open_fds == before.open_fds + 1);
  CHECK(status.max_fds >= status.open_fds);
  CHECK(status.threads >= 1);
  CHECK(status.resident_bytes > 1'000'000);
  CHECK(status.virtual_bytes > status.resident_bytes);
  CHECK(status.cpu_seconds >= before.cpu_seconds);
  const std::chrono::duration<double> now = std::chrono::system_clock::now().time_since_epoch();
  CHECK(status.start_time_seconds < now.count() + 1);
  CHECK(status.start_time_seconds > now.count() - 3600);
}

}  // namespace
}  // namespace ordercast
