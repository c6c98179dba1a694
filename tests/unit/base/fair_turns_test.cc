#include "base/fair_turns.h"

#include <catch2/catch.hpp>
#include <chrono>
#include <functional>
#include <list>
#include <memory>
#include <string>
#include <thread>
#include <vector>

namespace ordercast {
namespace {

using namespace std::chrono_literals;

FairTurns::Time soon() {
  return std::chrono::steady_clock::now() + 30s;
}

FairTurns::Time now() {
  return std::chrono::steady_clock::now();
}

// Threads that wait for a place, write down their group when they have one, and give it back. The
// next is started when the one before waits: so the order in which they came is known.
class Queue {
 public:
  explicit Queue(FairTurns& turns) : turns_(turns) {}
  ~Queue() { join(); }

  void come(const std::string& group) {
    const auto waiting = turns_.counters().waiting;
    threads_.emplace_back([this, group] {
      if (!turns_.take(group, soon())) return;
      {
        const MutexLock lock(mutex_);
        order_ += group;
      }
      turns_.give_back(group);
    });
    const auto deadline = soon();
    while (turns_.counters().waiting == waiting && now() < deadline) std::this_thread::yield();
  }
  [[nodiscard]] std::string order() {
    join();
    const MutexLock lock(mutex_);
    return order_;
  }

 private:
  void join() {
    for (auto& thread : threads_) thread.join();
    threads_.clear();
  }

  FairTurns& turns_;
  std::list<std::thread> threads_;
  Mutex mutex_;
  std::string order_ GUARDED_BY(mutex_);
};

}  // namespace

TEST_CASE("One group never has all places: another's turn comes at once") {
  FairTurns turns(2, 4);
  REQUIRE(turns.take("a", now()));
  CHECK_FALSE(turns.take("a", now()));
  CHECK(turns.take("b", now()));
  CHECK_FALSE(turns.take("c", now()));
  turns.give_back("b");
  CHECK_FALSE(turns.take("a", now()));
  CHECK(turns.take("c", now()));
  CHECK(turns.counters().timed_out == 3);
  CHECK(turns.counters().taken == 3);
}

TEST_CASE("A group has as many places as it may") {
  FairTurns turns(8, 3);
  for (int i = 0; i < 3; ++i) CHECK(turns.take("a", now()));
  CHECK_FALSE(turns.take("a", now()));
  turns.give_back("a");
  CHECK(turns.take("a", now()));
}

TEST_CASE("Who is of no group may have all, and so may anybody where there is one place") {
  FairTurns two(2, 1);
  CHECK(two.take("", now()));
  CHECK(two.take("", now()));
  FairTurns one(1, 1);
  CHECK(one.take("a", now()));
  CHECK_FALSE(one.take("b", now()));
}

TEST_CASE("Groups take turns, however many of one came before") {
  FairTurns turns(1, 1);
  REQUIRE(turns.take("x", now()));
  Queue queue(turns);
  for (const char* group : {"a", "a", "a", "a", "b", "c", "b"}) queue.come(group);
  turns.give_back("x");
  CHECK(queue.order() == "abcabaa");
}

TEST_CASE("Who comes again and again does not get in front of those who wait") {
  FairTurns turns(1, 1);
  REQUIRE(turns.take("b", now()));
  Queue queue(turns);
  queue.come("a");
  queue.come("b");
  CHECK_FALSE(turns.take("c", now()));
  turns.give_back("b");
  CHECK(queue.order() == "ab");
}

TEST_CASE("Who gives up waiting leaves no trace") {
  FairTurns turns(1, 1);
  REQUIRE(turns.take("a", now()));
  CHECK_FALSE(turns.take("b", now() + 5ms));
  CHECK(turns.counters().waiting == 0);
  turns.give_back("a");
  CHECK(turns.take("c", now()));
}

TEST_CASE("Places that come to be are given to those who wait; those that are gone, to nobody") {
  FairTurns turns(1, 1);
  REQUIRE(turns.take("a", now()));
  Queue queue(turns);
  queue.come("b");
  turns.set(2, 1);
  CHECK(queue.order() == "b");
  CHECK_FALSE(turns.take("a", now()));  // still one of a group
  turns.set(3, 2);
  CHECK(turns.take("a", now()));

  turns.set(1, 1);
  CHECK_FALSE(turns.take("b", now()));
  turns.give_back("a");
  CHECK_FALSE(turns.take("b", now()));  // a has the one
  turns.give_back("a");
  CHECK(turns.take("b", now()));
}

}  // namespace ordercast
