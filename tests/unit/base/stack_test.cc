#include "base/stack.h"

#include <sys/mman.h>
#include <unistd.h>

#include <catch2/catch.hpp>
#include <cstdint>
#include <cstring>
#include <string>

#include "base/thread.h"

namespace ordercast {
namespace {

// Writes to each page of a large frame; the address of its middle.
__attribute__((noinline)) std::uintptr_t use_much_stack() {
  volatile char frame[100'000];
  for (auto& byte : frame) byte = 'x';
  return reinterpret_cast<std::uintptr_t>(frame + sizeof frame / 2);
}

bool is_in_memory(std::uintptr_t address) {
  const auto page = static_cast<std::uintptr_t>(::sysconf(_SC_PAGESIZE));
  unsigned char resident = 0;
  return ::mincore(reinterpret_cast<void*>(address / page * page), page, &resident) == 0 &&
         (resident & 1U) != 0;
}

TEST_CASE("what deep calls have used of the stack is given back, what is in use stays") {
  bool before = false, after = true;
  std::string kept;
  // No check in the thread: Catch2 counts in one only.
  Thread thread({}, [&] {
    char in_use[5'000];
    std::memset(in_use, 'k', sizeof in_use);
    const auto deep = use_much_stack();
    before = is_in_memory(deep);
    release_unused_stack();
    after = is_in_memory(deep);
    kept.assign(in_use, sizeof in_use);
  });
  thread.join();
  CHECK(before);
  CHECK_FALSE(after);
  CHECK(kept == std::string(5'000, 'k'));
}

}  // namespace
}  // namespace ordercast
