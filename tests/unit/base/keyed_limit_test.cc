#include "base/keyed_limit.h"

#include <atomic>
#include <catch2/catch.hpp>
#include <string>
#include <thread>
#include <vector>

namespace ordercast {

TEST_CASE("Each key has its own places") {
  KeyedLimit<std::string> limit(2);
  const auto first = limit.enter("a");
  const auto second = limit.enter("a");
  CHECK(first);
  CHECK(second);
  CHECK_FALSE(limit.enter("a"));
  CHECK(limit.enter("b"));
}

TEST_CASE("A place is free again when its holder goes, and nothing is kept of who holds none") {
  KeyedLimit<std::string> limit(1);
  {
    auto held = limit.enter("a");
    CHECK(held);
    KeyedLimit<std::string>::Place moved = *std::move(held);
    held.reset();
    CHECK_FALSE(limit.enter("a"));
    KeyedLimit<std::string>::Place other = *limit.enter("b");
    other = std::move(moved);  // leaves b
    CHECK(limit.keys() == 1);
    CHECK(limit.enter("b"));
    CHECK_FALSE(limit.enter("a"));
  }
  CHECK(limit.keys() == 0);
  CHECK(limit.enter("a"));
}

TEST_CASE("A limit of none lets nobody in") {
  KeyedLimit<int> limit(0);
  CHECK_FALSE(limit.enter(1));
  CHECK(limit.keys() == 0);
}

TEST_CASE("Threads that come and go never hold more places than there are") {
  constexpr int kMost = 3;
  KeyedLimit<int> limit(kMost);
  std::atomic<int> inside = 0;
  std::atomic<bool> overfull = false;
  std::vector<std::thread> threads;
  for (int i = 0; i < 8; ++i) {
    threads.emplace_back([&] {
      for (int n = 0; n < 2'000; ++n) {
        const auto place = limit.enter(n % 2);
        if (!place) continue;
        if (++inside > 2 * kMost) overfull = true;
        --inside;
      }
    });
  }
  for (auto& thread : threads) thread.join();
  CHECK_FALSE(overfull);
  CHECK(limit.keys() == 0);
}

TEST_CASE("A limit that is lowered sends nobody out, and lets in again when there is room") {
  KeyedLimit<int> limit(2);
  auto first = limit.enter(1);
  auto second = limit.enter(1);
  limit.set_most(1);
  CHECK(limit.most() == 1);
  CHECK_FALSE(limit.enter(1));
  first.reset();
  CHECK_FALSE(limit.enter(1));
  second.reset();
  CHECK(limit.enter(1));
  limit.set_most(3);
  const auto third = limit.enter(1);
  const auto fourth = limit.enter(1);
  CHECK(limit.enter(1));
}

}  // namespace ordercast
