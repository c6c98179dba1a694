#include "base/mutex.h"

#include <catch2/catch.hpp>
#include <thread>

namespace ordercast {
namespace {

TEST_CASE("A wait with a deadline in the past says so at once and holds the lock again",
          "[mutex]") {
  Mutex mutex;
  CondVar changed;
  MutexLock lock(mutex);
  CHECK_FALSE(changed.wait_until(mutex, std::chrono::steady_clock::now()));
}

TEST_CASE("A wait lets another thread take the lock, and ends when that one notifies", "[mutex]") {
  Mutex mutex;
  CondVar changed;
  bool ready = false;
  bool with_deadline = false;
  SECTION("without a deadline") {}
  SECTION("with one") {
    with_deadline = true;
  }

  MutexLock lock(mutex);
  std::thread other([&] {
    MutexLock other_lock(mutex);
    ready = true;
    changed.notify_one();
  });
  const auto deadline = std::chrono::steady_clock::now() + std::chrono::minutes(1);
  while (!ready) {
    if (with_deadline) {
      REQUIRE(changed.wait_until(mutex, deadline));
    } else {
      changed.wait(mutex);
    }
  }
  other.join();
  CHECK(ready);
}

}  // namespace
}  // namespace ordercast
