#include "http/connection_threads.h"

#include <sys/prctl.h>
#include <sys/socket.h>
#include <unistd.h>

#include <atomic>
#include <catch2/catch.hpp>
#include <cerrno>
#include <chrono>
#include <filesystem>
#include <vector>

#include "support/test_site.h"

namespace ordercast::http {
namespace {

using testing::eventually;
using Clock = std::chrono::steady_clock;
using std::chrono::milliseconds;
using std::chrono::seconds;

struct Pair {
  UniqueFd ours;
  UniqueFd peers;
};

Pair socket_pair() {
  int ends[2];
  REQUIRE(::socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, ends) == 0);
  return {UniqueFd(ends[0]), UniqueFd(ends[1])};
}

// Serves until the peer closes or stop() shuts the socket down.
void wait_for_end(AcceptedConnection& connection) {
  char byte;
  while (::recv(connection.socket.get(), &byte, 1, 0) > 0) {
  }
}

Deadline in(milliseconds time) {
  return Clock::now() + time;
}

std::size_t threads_of_this_process() {
  using std::filesystem::directory_iterator;
  return static_cast<std::size_t>(
      std::distance(directory_iterator("/proc/self/task"), directory_iterator()));
}

// -1 where the kernel is older than that (base/futex_hash.h).
int futex_hash_slots() {
  return ::prctl(78 /* PR_FUTEX_HASH */, 2UL /* PR_FUTEX_HASH_GET_SLOTS */, 0UL, 0UL, 0UL);
}

}  // namespace

TEST_CASE("the kernel finds the threads of as many connections as there may be") {
  ConnectionThreads threads(50'000, {}, start_joinable_thread, wait_for_end);
  const int first = futex_hash_slots();
  CHECK((first < 0 || first == 16'384));
  threads.set_limit(100'000);
  const int later = futex_hash_slots();
  CHECK((later < 0 || later == 32'768));
}

TEST_CASE("each connection is served on a thread, and its socket closed after") {
  std::atomic<int> served = 0;
  ConnectionThreads threads(10, {}, start_joinable_thread, [&](AcceptedConnection& connection) {
    wait_for_end(connection);
    ++served;
  });
  auto first = socket_pair();
  auto second = socket_pair();
  CHECK_FALSE(threads.start({.socket = std::move(first.ours)}));
  CHECK_FALSE(threads.start({.socket = std::move(second.ours)}));
  CHECK(threads.size() == 2);
  ::shutdown(first.peers.get(), SHUT_WR);
  char byte;
  CHECK(::recv(first.peers.get(), &byte, 1, 0) == 0);
  CHECK(served == 1);
  CHECK(threads.size() == 1);
}

TEST_CASE("a connection beyond the limit is given back") {
  ConnectionThreads threads(1, {}, start_joinable_thread, wait_for_end);
  auto first = socket_pair();
  auto second = socket_pair();
  CHECK_FALSE(threads.start({.socket = std::move(first.ours)}));
  auto back = threads.start({.socket = std::move(second.ours)});
  CHECK(back);
  first.peers.reset();
  CHECK(eventually([&] { return threads.size() == 0; }));
  CHECK_FALSE(threads.start(*std::move(back)));
}

TEST_CASE("a limit that changes holds from then on, and who is there stays") {
  ConnectionThreads threads(1, {}, start_joinable_thread, wait_for_end);
  std::vector<UniqueFd> peers;
  const auto come = [&] {
    auto pair = socket_pair();
    peers.push_back(std::move(pair.peers));
    return !threads.start({.socket = std::move(pair.ours)});
  };
  CHECK(come());
  CHECK_FALSE(come());
  threads.set_limit(2);
  CHECK(come());
  threads.set_limit(1);
  CHECK_FALSE(come());
  CHECK(threads.size() == 2);
}

TEST_CASE("a connection for which the system has no thread is given back") {
  std::atomic<bool> exhausted = true;
  const auto starter = [&](pthread_t* thread, const ThreadSpec& spec, ThreadBody body) {
    return exhausted ? EAGAIN : start_joinable_thread(thread, spec, std::move(body));
  };
  ConnectionThreads threads(10, {}, starter, wait_for_end);
  auto pair = socket_pair();
  auto back = threads.start({.socket = std::move(pair.ours)});
  CHECK(back);
  CHECK(threads.size() == 0);
  exhausted = false;
  CHECK_FALSE(threads.start(*std::move(back)));
}

TEST_CASE("stop wakes every connection, waits for its thread and takes no more") {
  std::atomic<int> ended = 0;
  ConnectionThreads threads(10, {}, start_joinable_thread, [&](AcceptedConnection& connection) {
    wait_for_end(connection);
    ++ended;
  });
  std::vector<UniqueFd> peers;
  for (int i = 0; i < 5; ++i) {
    auto pair = socket_pair();
    REQUIRE_FALSE(threads.start({.socket = std::move(pair.ours)}));
    peers.push_back(std::move(pair.peers));
  }
  CHECK(threads.stop(in(seconds(30))));
  CHECK(ended == 5);
  CHECK(threads.start({.socket = socket_pair().ours}));
}

TEST_CASE("stop gives up at its deadline on a handler that does not return") {
  std::atomic<bool> release = false;
  ConnectionThreads threads(10, {}, start_joinable_thread, [&](AcceptedConnection&) {
    CHECK(eventually([&] { return release.load(); }));
  });
  REQUIRE_FALSE(threads.start({.socket = socket_pair().ours}));
  CHECK_FALSE(threads.stop(in(milliseconds(20))));
  release = true;
  CHECK(threads.stop(in(seconds(30))));
}

TEST_CASE("threads that have ended leave nothing behind") {
  ConnectionThreads threads(1000, {}, start_joinable_thread, [](AcceptedConnection&) {});
  const auto before = threads_of_this_process();
  for (int i = 0; i < 500; ++i) {
    REQUIRE_FALSE(threads.start({.socket = socket_pair().ours}));
  }
  CHECK(threads.stop(in(seconds(30))));
  // The kernel shows a thread that was joined a moment longer.
  CHECK(eventually([&] { return threads_of_this_process() <= before; }));
}

}  // namespace ordercast::http
