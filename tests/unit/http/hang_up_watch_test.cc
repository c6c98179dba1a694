#include "http/hang_up_watch.h"

#include <sys/socket.h>

#include <array>
#include <atomic>
#include <catch2/catch.hpp>

#include "support/eventually.h"

namespace ordercast::http {
namespace {

struct Pair {
  Pair() {
    std::array<int, 2> fds{};
    REQUIRE(::socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, fds.data()) == 0);
    ours = UniqueFd(fds[0]);
    peer = UniqueFd(fds[1]);
  }
  UniqueFd ours;
  UniqueFd peer;
};

TEST_CASE("a peer that closes is noticed, once, and nobody else's") {
  HangUpWatch watch;
  Pair leaves;
  Pair stays;
  std::atomic<int> hang_ups = 0;
  std::atomic<int> others = 0;
  const auto one = watch.watch(leaves.ours.get(), [&] { ++hang_ups; });
  const auto other = watch.watch(stays.ours.get(), [&] { ++others; });
  // Unread bytes in front of the end do not hide it, nor are they one.
  CHECK(::send(leaves.peer.get(), "x", 1, 0) == 1);
  CHECK(::send(stays.peer.get(), "x", 1, 0) == 1);
  leaves.peer.reset();
  CHECK(testing::eventually([&] { return hang_ups == 1; }));
  // By now a hang-up that shows again and again would have been seen again.
  Pair later;
  std::atomic<bool> seen = false;
  const auto third = watch.watch(later.ours.get(), [&] { seen = true; });
  later.peer.reset();
  CHECK(testing::eventually([&] { return seen.load(); }));
  CHECK(hang_ups == 1);
  CHECK(others == 0);
}

TEST_CASE("a peer that has closed already is noticed too") {
  HangUpWatch watch;
  Pair pair;
  pair.peer.reset();
  std::atomic<bool> seen = false;
  const auto watched = watch.watch(pair.ours.get(), [&] { seen = true; });
  CHECK(testing::eventually([&] { return seen.load(); }));
}

TEST_CASE("what is watched no more calls nobody") {
  HangUpWatch watch;
  Pair gone;
  Pair later;
  std::atomic<int> calls = 0;
  std::atomic<bool> seen = false;
  {
    const auto watched = watch.watch(gone.ours.get(), [&] { ++calls; });
  }
  const auto watched = watch.watch(later.ours.get(), [&] { seen = true; });
  gone.peer.reset();
  later.peer.reset();
  CHECK(testing::eventually([&] { return seen.load(); }));
  CHECK(calls == 0);
}

}  // namespace
}  // namespace ordercast::http
