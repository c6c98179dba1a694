#include "base/futex_hash.h"

#include <sys/prctl.h>

#include <algorithm>
#include <bit>

namespace ordercast {
namespace {

// linux/prctl.h since Linux 6.16, which Debian 12's headers are older than.
constexpr int kFutexHash = 78;  // PR_FUTEX_HASH
constexpr unsigned long kSetSlots = 1;
constexpr unsigned long kGetSlots = 2;

constexpr std::size_t kThreadsPerSlot = 4;
// What a process has at least; before its first thread it has none yet.
constexpr std::size_t kFewestSlots = 16;
// 4 MiB of the kernel's memory.
constexpr std::size_t kMostSlots = 65'536;

}  // namespace

void widen_futex_hash(std::size_t threads) noexcept {
  const int present = ::prctl(kFutexHash, kGetSlots, 0UL, 0UL, 0UL);
  const auto wanted =
      std::bit_ceil(std::clamp(threads / kThreadsPerSlot, kFewestSlots, kMostSlots));
  if (present < 0 || static_cast<std::size_t>(present) >= wanted) return;
  ::prctl(kFutexHash, kSetSlots, wanted, 0UL, 0UL);
}

}  // namespace ordercast
