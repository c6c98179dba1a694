#include "hub/history.h"

#include <atomic>
#include <catch2/catch.hpp>
#include <future>
#include <mutex>
#include <vector>

#include "core/on_behalf_of.h"
#include "support/child_process.h"
#include "support/counted_reader.h"
#include "support/event_stream.h"
#include "support/hub_fixture.h"
#include "support/memory_log.h"

namespace ordercast::hub {
namespace {

using testing::CountedReader;
using testing::EventStream;
using testing::HubFixture;
using testing::kAtOnce;
using testing::kEpoch;
using testing::MemoryLog;

struct HistoryFixture {
  explicit HistoryFixture(std::size_t room = std::size_t{1} << 20) : history(reader, room) {}

  MemoryLog log{2};
  CountedReader reader{log};
  History history;
  const Position start = log.position();
};

TEST_CASE("A page is read once for those who ask one after another", "[history]") {
  HistoryFixture it;
  for (int id = 0; id < 4; ++id) it.log.commit_one("orders", id);
  const auto first = it.history.read_after(kEpoch, it.start);
  REQUIRE(first->batch().changes.size() == 2);
  const auto second = it.history.read_after(kEpoch, first->batch().end());
  CHECK(it.reader.reads == 2);
  CHECK(it.history.read_after(kEpoch, it.start) == first);
  CHECK(it.history.read_after(kEpoch, first->batch().end()) == second);
  CHECK(it.reader.reads == 2);
}

TEST_CASE("Positions of another epoch are other positions", "[history]") {
  HistoryFixture it;
  it.log.commit_one("orders", 1);
  const auto page = it.history.read_after(kEpoch, it.start);
  CHECK(it.history.read_after(Epoch{kEpoch.id + 1}, it.start) != page);
}

TEST_CASE("What was committed after an empty page was read is found", "[history]") {
  HistoryFixture it;
  CHECK(it.history.read_after(kEpoch, it.start)->batch().changes.empty());
  it.log.commit_one("orders", 1);
  CHECK(it.history.read_after(kEpoch, it.start)->batch().changes.size() == 1);
}

TEST_CASE("Pages beyond the room there is are forgotten, those in use stay whole", "[history]") {
  HistoryFixture it(0);
  it.log.commit_one("orders", 1);
  const auto page = it.history.read_after(kEpoch, it.start);
  CHECK(page->batch().changes.size() == 1);
  CHECK(it.history.read_after(kEpoch, it.start) != page);
  CHECK(it.reader.reads == 2);
}

TEST_CASE("Those who ask for a page while it is read wait for it", "[history]") {
  HistoryFixture it;
  it.log.commit_one("orders", 1);
  std::promise<void> begun;
  std::promise<void> let_go;
  auto gate = let_go.get_future().share();
  std::once_flag once;
  it.log.set_interruption([&] {
    std::call_once(once, [&] { begun.set_value(); });
    gate.wait();
  });
  std::vector<std::future<PagePtr>> crowd;
  const auto ask = [&] {
    crowd.push_back(
        std::async(std::launch::async, [&] { return it.history.read_after(kEpoch, it.start); }));
  };
  ask();
  begun.get_future().wait();
  for (int i = 0; i < 20; ++i) ask();
  let_go.set_value();
  const auto page = crowd.front().get();
  for (std::size_t i = 1; i < crowd.size(); ++i) CHECK(crowd[i].get() == page);
  CHECK(it.reader.reads == 1);
}

TEST_CASE("Nobody waits for what is read on another tenant's account", "[history]") {
  HistoryFixture it;
  it.log.commit_one("orders", 1);
  std::promise<void> begun;
  std::promise<void> let_go;
  std::atomic<bool> first = true;
  it.log.set_interruption([&, gate = let_go.get_future().share()] {
    if (!first.exchange(false)) return;
    begun.set_value();
    gate.wait();
  });
  const auto read_for = [&](const char* tenant) {
    return std::async(std::launch::async, [&it, tenant] {
      const OnBehalfOf scope(tenant);
      return it.history.read_after(kEpoch, it.start);
    });
  };
  auto slow = read_for("a");
  begun.get_future().wait();
  auto quick = read_for("b");
  CHECK(quick.wait_for(testing::kPatience) == std::future_status::ready);
  // What has been read is everybody's.
  auto third = read_for("c");
  CHECK(third.wait_for(testing::kPatience) == std::future_status::ready);
  CHECK(slow.wait_for(std::chrono::seconds(0)) == std::future_status::timeout);
  let_go.set_value();
  CHECK(quick.get() == third.get());
  CHECK(slow.get()->batch().changes.size() == 1);
  CHECK(it.reader.reads == 2);
}

TEST_CASE("A read that failed is no page: whoever asks later reads again", "[history]") {
  HistoryFixture it;
  it.log.commit_one("orders", 1);
  it.log.set_available(false);
  CHECK_THROWS_AS(it.history.read_after(kEpoch, it.start), HistoryUnavailable);
  it.log.set_available(true);
  CHECK(it.history.read_after(kEpoch, it.start)->batch().changes.size() == 1);
}

TEST_CASE("A crowd that resumes after a restart costs a read for each page", "[history]") {
  constexpr int kChanges = 40;
  constexpr int kPageRows = 10;
  constexpr int kCrowd = 100;
  HubFixture before(kPageRows);
  const auto cursor = before.subscribe()->cursor().encode();
  for (int id = 0; id < kChanges; ++id) before.log.commit_one("orders", id);
  // The same log with a hub that has just begun, and has no backlog.
  CountedReader reader(before.log);
  Hub hub(reader, {});
  auto catalog = std::make_shared<Catalog>();
  (*catalog)["orders"].name = "orders";
  hub.set_catalog(catalog);
  hub.set_database_up(true);
  hub.start(kEpoch, before.log.position(), "epoch");
  for (int i = 0; i < kCrowd; ++i) {
    const auto subscriber = hub.subscribe(hub.catalog(), {"orders"}, cursor);
    std::size_t events = 0;
    for (;;) {
      const auto delivery = subscriber->next(kAtOnce);
      if (delivery.kind != Subscriber::Delivery::Kind::kFrames) break;
      events += EventStream(delivery.frames->text()).events.size();
    }
    CHECK(events == kChanges);
  }
  CHECK(reader.reads <= kChanges / kPageRows + 1);
}

}  // namespace
}  // namespace ordercast::hub
