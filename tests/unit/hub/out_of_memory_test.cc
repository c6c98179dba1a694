// What an allocation that fails leaves behind: nothing half done. In this program an allocation
// fails when a test says so.
#include <algorithm>
#include <catch2/catch.hpp>
#include <chrono>
#include <cstdlib>
#include <future>
#include <new>
#include <utility>
#include <vector>

#include "hub/backlog.h"
#include "hub/endings.h"
#include "support/eventually.h"
#include "support/hub_fixture.h"
#include "support/pages.h"
#include "support/send_gate.h"
#include "support/socket_outlet.h"

namespace {

// The one of this thread that fails, counted from now on; 0: none.
thread_local std::size_t failing_allocation = 0;

}  // namespace

// Not inlined: g++ would take malloc() and operator delete for a mismatch.
[[gnu::noinline]] void* operator new(std::size_t bytes) {
  if (failing_allocation > 0 && --failing_allocation == 0) throw std::bad_alloc();
  if (void* memory = std::malloc(std::max<std::size_t>(bytes, 1))) return memory;
  throw std::bad_alloc();
}

// Of the same family: what it gives is freed below.
[[gnu::noinline]] void* operator new(std::size_t bytes, const std::nothrow_t& /*tag*/) noexcept {
  return std::malloc(std::max<std::size_t>(bytes, 1));
}

[[gnu::noinline]] void operator delete(void* memory) noexcept {
  std::free(memory);
}

[[gnu::noinline]] void operator delete(void* memory, std::size_t /*bytes*/) noexcept {
  std::free(memory);
}

namespace ordercast::hub {
namespace {

using namespace testing;
using Kind = Subscriber::Delivery::Kind;

constexpr std::size_t kPlenty = 1 << 20;

// Whether `attempt` was made without its n-th allocation, and failed.
template <typename Attempt>
bool fails_without(std::size_t n, Attempt attempt) {
  failing_allocation = n;
  bool failed = false;
  try {
    attempt();
  } catch (const std::bad_alloc&) {
    failed = true;
  }
  // Otherwise it has met none that fails: all that it needs were tried.
  CHECK(failed == (std::exchange(failing_allocation, 0) == 0));
  return failed;
}

// Calls `check` after each failure that `attempt` can have. At last it succeeds.
template <typename Attempt, typename Check>
void fail_each_allocation(Attempt attempt, Check check) {
  std::size_t n = 1;
  while (fails_without(n, attempt)) {
    INFO("allocation " << n);
    check();
    ++n;
  }
  CHECK(n > 1);
}

TEST_CASE("A page that there is no memory for is not in the backlog, nor is its end the head",
          "[backlog]") {
  Backlog backlog(kPlenty);
  // Running transactions: a position takes memory, too.
  const Position start{{5, 10, {5, 7}}, std::nullopt};
  backlog.start(Epoch{0xabc}, start);
  Batch batch = *page_of(start, 12, {{1, 10}, {2, 11}});
  batch.now.xip = {7};
  const auto page = std::make_shared<const Batch>(std::move(batch));
  fail_each_allocation([&] { backlog.append(page); },
                       [&] {
                         CHECK(backlog.head() == start);
                         CHECK(backlog.begin() == backlog.end());
                         CHECK(backlog.bytes() == 0);
                       });
  CHECK(backlog.head() == page->end());
  CHECK(backlog.find(start) == backlog.begin());
}

TEST_CASE("A history that there is no memory for has not begun", "[hub]") {
  HubFixture fixture;
  const auto before = fixture.hub.status().head;
  const Position next{{5, 10, {5, 7}}, std::nullopt};
  const std::string_view reason = "longer than what a string holds without memory";
  fail_each_allocation([&] { fixture.hub.start(Epoch{0xdef}, next, reason); },
                       [&] { CHECK(fixture.hub.status().head == before); });
  CHECK(fixture.hub.status().head.position == next);
}

TEST_CASE("A subscriber that there is no memory for is not counted", "[hub]") {
  HubFixture fixture;
  const auto earliest = GENERATE(false, true);
  std::unique_ptr<Subscriber> subscriber;
  fail_each_allocation(
      [&] { subscriber = fixture.subscribe(earliest ? std::optional(kEarliest) : std::nullopt); },
      [&] { CHECK(fixture.hub.status().subscribers == 0); });
  CHECK(fixture.hub.status().subscribers == 1);
}

// When its client hangs up while it sits: whether it has failed, and is out all the same.
bool fails_to_sit(std::size_t n) {
  HubFixture fixture;
  SocketOutlet client;
  const auto subscriber = fixture.subscribe();
  subscriber->attach(client.outlet());
  auto sits = std::async(std::launch::async, [&] {
    return fails_without(n, [&] { static_cast<void>(subscriber->next(kAtOnce)); });
  });
  const auto is_out = [&] {
    return sits.wait_for(std::chrono::seconds(0)) == std::future_status::ready;
  };
  REQUIRE(eventually([&] { return is_out() || fixture.hub.status().caught_up == 1; }));
  subscriber->hang_up();
  const bool failed = sits.get();
  CHECK(fixture.hub.status().caught_up == 0);
  return failed;
}

TEST_CASE("Whoever sits gets up without memory: the fan-out never keeps a socket that is closed",
          "[subscriber]") {
  std::size_t n = 1;
  while (fails_to_sit(n)) ++n;
  CHECK(n > 1);
}

TEST_CASE("An end that there is no memory for is not set", "[endings]") {
  Endings endings;
  Endings::Stay stay{.seat = std::make_shared<Seat>(), .view = nullptr};
  endings.add(stay);
  constexpr Endings::Time kEnd{std::chrono::seconds(10)};
  fail_each_allocation([&] { endings.end_by(stay, kEnd, kLifetime); },
                       [&] { CHECK_FALSE(stay.at); });
  CHECK(stay.at == kEnd);
  CHECK(endings.next() == kEnd);
  // An earlier one: the one before stays until there is another.
  constexpr Endings::Time kEarlier{std::chrono::seconds(5)};
  fail_each_allocation([&] { endings.end_by(stay, kEarlier, kTokenRevoked); },
                       [&] { CHECK(endings.next() == kEnd); });
  CHECK(endings.next() == kEarlier);
  endings.remove(stay);
  CHECK(endings.next() == std::nullopt);
}

TEST_CASE("A revocation that there was no memory for ends its streams when it is told again",
          "[endings]") {
  const auto revoked =
      std::make_shared<const Revocations>(std::vector<Revocation>{{.token_id = "a"}});
  std::size_t n = 1;
  for (bool failed = true; failed; ++n) {
    HubFixture fixture;
    std::vector<std::unique_ptr<Subscriber>> subscribers;
    for (int i = 0; i < 2; ++i) {
      subscribers.push_back(fixture.subscribe());
      subscribers.back()->obey(std::make_shared<const Grant>(Grant{.token_id = "a"}));
    }
    failed = fails_without(n, [&] { fixture.hub.set_revocations(revoked); });
    if (failed) fixture.hub.set_revocations(revoked);
    for (const auto& each : subscribers) CHECK(each->next(kAtOnce).reason == kTokenRevoked);
  }
  CHECK(n > 2);
}

TEST_CASE("News that there was no memory for loses nobody who has just sat down", "[fan_out]") {
  HubFixture fixture;
  std::vector<SocketOutlet> clients(3);
  std::vector<std::unique_ptr<Subscriber>> subscribers;
  std::vector<std::future<Subscriber::Delivery>> sitting;
  const auto sit = [&](const Outlet& outlet) {
    auto& subscriber = *subscribers.emplace_back(fixture.subscribe());
    subscriber.attach(outlet);
    sitting.push_back(
        std::async(std::launch::async, [&subscriber] { return subscriber.next(kAtOnce); }));
    REQUIRE(eventually([&] { return fixture.hub.status().caught_up == sitting.size(); }));
  };
  // While the fan-out is busy with one, the others wait to be taken.
  SendGate gate(clients[0].fd());
  sit(clients[0].outlet(&gate));
  fixture.commit_and_publish();
  REQUIRE(gate.reached());
  sit(clients[1].outlet());
  sit(clients[2].outlet());
  std::string_view told;
  SECTION("the database is down") {
    fail_each_allocation([&] { fixture.hub.set_database_up(false); }, [] {});
    told = "down";
  }
  SECTION("the stream is gone") {
    const auto catalog = std::make_shared<const Catalog>();
    fail_each_allocation([&] { fixture.hub.set_catalog(catalog); }, [] {});
    told = "stream_changed";
  }
  gate.open();
  const auto sits = [](const auto& each) {
    return each.wait_for(std::chrono::seconds(0)) == std::future_status::timeout;
  };
  CHECK(eventually([&] { return std::none_of(sitting.begin(), sitting.end(), sits); }));
  fixture.hub.close();
  for (auto& each : sitting) CHECK(each.get().reason == told);
}

}  // namespace
}  // namespace ordercast::hub
