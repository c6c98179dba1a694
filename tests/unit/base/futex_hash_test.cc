#include "base/futex_hash.h"

#include <sys/prctl.h>

#include <catch2/catch.hpp>
#include <cerrno>

namespace ordercast {
namespace {

// -1 where the kernel is older than that.
int slots() {
  return ::prctl(78 /* PR_FUTEX_HASH */, 2UL /* PR_FUTEX_HASH_GET_SLOTS */, 0UL, 0UL, 0UL);
}

TEST_CASE("there is a bucket for each few threads, and for a smaller crowd there are not fewer",
          "[futex_hash]") {
  widen_futex_hash(40'000);
  const int widened = slots();
  if (widened < 0) {
    // Such a kernel has one table for all processes, and nothing was to be done.
    CHECK(errno == EINVAL);
    return;
  }
  CHECK(widened == 16'384);
  widen_futex_hash(100);
  CHECK(slots() == widened);
}

}  // namespace
}  // namespace ordercast
