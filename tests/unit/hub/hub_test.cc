#include "hub/hub.h"

#include <catch2/catch.hpp>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "hub/subscriber.h"
#include "support/hub_fixture.h"
#include "support/orders_stream.h"

namespace ordercast::hub {
namespace {

using testing::HubFixture;
using testing::kAtOnce;
using Kind = Subscriber::Delivery::Kind;

TEST_CASE("A hub serves nothing before it knows a history", "[hub]") {
  testing::MemoryLog log;
  const Hub hub(log, {});
  CHECK_FALSE(hub.status().started);
  CHECK_FALSE(hub.status().database_up);
  REQUIRE(hub.catalog());
  CHECK(hub.catalog()->empty());
}

TEST_CASE("The status tells the head, the database and the subscribers", "[hub]") {
  HubFixture fixture;
  CHECK(fixture.hub.status().started);
  CHECK(fixture.hub.status().database_up);
  CHECK(fixture.hub.status().subscribers == 0);
  CHECK(fixture.hub.status().backlog_bytes == 0);

  fixture.commit_and_publish();
  CHECK(fixture.hub.status().head == Cursor{testing::kEpoch, fixture.log.position()});
  CHECK(fixture.hub.status().backlog_bytes > 0);
  {
    const auto one = fixture.subscribe();
    const auto other = fixture.subscribe();
    CHECK(fixture.hub.status().subscribers == 2);
  }
  CHECK(fixture.hub.status().subscribers == 0);
  fixture.hub.set_database_up(false);
  CHECK_FALSE(fixture.hub.status().database_up);
}

TEST_CASE("The catalog is the last one that was set", "[hub]") {
  HubFixture fixture;
  const auto catalog = std::make_shared<Catalog>();
  (*catalog)["items"].name = "items";
  fixture.hub.set_catalog(catalog);
  CHECK(fixture.hub.catalog() == catalog);
}

TEST_CASE("Subscribers of one stream share their frames", "[hub]") {
  HubFixture fixture;
  const auto one = fixture.subscribe();
  const auto other = fixture.subscribe();
  const auto elsewhere = fixture.hub.subscribe(fixture.hub.catalog(), {"items"}, std::nullopt);
  fixture.commit_and_publish();
  const auto frames = one->next(kAtOnce).frames;
  REQUIRE(frames);
  CHECK(other->next(kAtOnce).frames == frames);
  CHECK(elsewhere->next(kAtOnce).kind == Kind::kIdle);
}

ViewSpec spec_of(const std::vector<Parameter>& conditions, std::string_view events) {
  return {.stream = "orders",
          .filter = testing::orders_filter(conditions),
          .events = EventKinds::parse(events)};
}

TEST_CASE("Who asks for the same in another order shares the view and its frames", "[hub]") {
  HubFixture fixture;
  const auto catalog = fixture.hub.catalog();
  const auto subscribe = [&](ViewSpec spec) {
    return fixture.hub.subscribe(catalog, std::move(spec), std::nullopt);
  };
  const auto one =
      subscribe(spec_of({{"total", "gte.5.00"}, {"status", "in.(paid,shipped)"}}, "insert,delete"));
  const auto other = subscribe(
      spec_of({{"status", "in.(shipped,paid)"}, {"total", "gte.5"}}, "delete,insert,insert"));
  CHECK(&one->view() == &other->view());
  const auto elsewhere = subscribe(spec_of({{"status", "eq.paid"}}, "insert,delete"));
  CHECK(&elsewhere->view() != &one->view());

  auto change = testing::insert_of({.status = "paid", .total = "9.90"});
  change.tx = fixture.at.seen.xmax;
  const Snapshot after{change.tx + 1, change.tx + 1, {}};
  fixture.hub.publish(std::make_shared<const Batch>(Batch{fixture.at, after, true, {change}}));
  const auto frames = one->next(kAtOnce).frames;
  REQUIRE(frames);
  CHECK(other->next(kAtOnce).frames == frames);
  CHECK(elsewhere->next(kAtOnce).frames != frames);
}

TEST_CASE("Without an id a subscriber begins at the head", "[hub]") {
  HubFixture fixture;
  fixture.commit_and_publish();
  const auto subscriber = fixture.subscribe();
  CHECK_FALSE(subscriber->resumed());
  CHECK(subscriber->refused().empty());
  CHECK(subscriber->cursor() == fixture.hub.status().head);
  CHECK(subscriber->next(kAtOnce).kind == Kind::kIdle);
}

TEST_CASE("With an id it begins there", "[hub]") {
  HubFixture fixture;
  const auto id = fixture.hub.status().head.encode();
  fixture.commit_and_publish();
  const auto subscriber = fixture.hub.subscribe(fixture.hub.catalog(), {"orders"}, id);
  CHECK(subscriber->resumed());
  CHECK(subscriber->refused().empty());
  CHECK(subscriber->cursor().encode() == id);
  CHECK(subscriber->next(kAtOnce).kind == Kind::kFrames);
}

// An id as a server gives it out while 5,000 transactions run, every other one: longer than it
// takes back (core/cursor.h).
std::string of_many_running() {
  Cursor cursor{testing::kEpoch, {{1, 10'000, {}}, std::nullopt}};
  for (TransactionId id = 1; id < 10'000; id += 2) cursor.position.seen.xip.push_back(id);
  return cursor.encode();
}

TEST_CASE("An id that is none, or another history's, is refused with a word, not an error",
          "[hub]") {
  HubFixture fixture;
  fixture.commit_and_publish();
  const auto [id, reason] = GENERATE(table<std::string, std::string>(
      {{"", "bad_cursor"},
       {"nonsense", "bad_cursor"},
       {std::string(10'000, 'A'), "bad_cursor"},
       {of_many_running(), "bad_cursor"},
       {Cursor{Epoch{0xdef}, {{4, 4, {}}, std::nullopt}}.encode(), "epoch"}}));
  const auto subscriber = fixture.hub.subscribe(fixture.hub.catalog(), {"orders"}, id);
  CHECK(subscriber->refused() == reason);
  CHECK_FALSE(subscriber->resumed());
  CHECK(subscriber->cursor() == fixture.hub.status().head);
  CHECK(subscriber->next(kAtOnce).kind == Kind::kIdle);
}

TEST_CASE("After close every stream is told so", "[hub]") {
  HubFixture fixture;
  const auto before = fixture.subscribe();
  fixture.commit_and_publish();
  fixture.hub.close();
  CHECK(before->next(kAtOnce).kind == Kind::kClosed);
  CHECK(before->next(kAtOnce).kind == Kind::kClosed);
  CHECK(fixture.subscribe()->next(kAtOnce).kind == Kind::kClosed);
}

TEST_CASE("A hub that drains says so, and lets its subscribers go one by one", "[hub]") {
  HubFixture fixture;
  const auto first = fixture.subscribe();
  const auto second = fixture.subscribe();
  CHECK_FALSE(fixture.hub.status().draining);
  // So long that the second one's turn, half an hour from now, does not come.
  fixture.hub.drain(std::chrono::hours(1));
  CHECK(fixture.hub.status().draining);
  CHECK(first->next(kAtOnce).kind == Kind::kClosed);
  const auto late = fixture.subscribe();
  for (const auto* staying : {&second, &late}) {
    CHECK((*staying)->next(kAtOnce).kind == Kind::kIdle);
  }
  // Those who stay are served as ever.
  fixture.commit_and_publish();
  CHECK(second->next(kAtOnce).kind == Kind::kFrames);
  fixture.hub.close();
  CHECK(second->next(kAtOnce).kind == Kind::kClosed);
}

TEST_CASE("A subscriber that waits leaves when its turn comes, not when its deadline does",
          "[hub]") {
  HubFixture fixture;
  const auto first = fixture.subscribe();
  const auto second = fixture.subscribe();
  const auto begin = std::chrono::steady_clock::now();
  constexpr std::chrono::milliseconds kWindow{50};
  fixture.hub.drain(kWindow);
  const auto deadline = begin + std::chrono::hours(1);
  CHECK(first->next(deadline).kind == Kind::kClosed);
  CHECK(second->next(deadline).kind == Kind::kClosed);
  CHECK(std::chrono::steady_clock::now() - begin >= kWindow / 2);
}

TEST_CASE("A view is made anew when what its columns are has changed", "[hub]") {
  HubFixture fixture;
  const auto subscribe = [&](ViewSpec spec) {
    return fixture.hub.subscribe(fixture.hub.catalog(), std::move(spec), std::nullopt);
  };
  const auto whole = subscribe({.stream = "orders"});
  const auto filtered =
      subscribe({.stream = "orders", .filter = testing::orders_filter({{"status", "eq.paid"}})});
  const auto selected = subscribe(
      {.stream = "orders", .selection = Selection::parse("id", testing::orders_stream())});
  const auto set_columns = [&](const StreamInfo& orders) {
    const auto catalog = std::make_shared<Catalog>(*fixture.hub.catalog());
    (*catalog)["orders"] = orders;
    fixture.hub.set_catalog(catalog);
  };
  // A stream that comes beside it changes nothing for them.
  const auto catalog = std::make_shared<Catalog>(*fixture.hub.catalog());
  (*catalog)["parcels"].name = "parcels";
  fixture.hub.set_catalog(catalog);
  for (const auto* each : {&whole, &filtered, &selected}) {
    CHECK((*each)->next(kAtOnce).kind == Kind::kIdle);
  }
  set_columns(testing::orders_stream());
  CHECK(whole->next(kAtOnce).kind == Kind::kIdle);
  CHECK(filtered->next(kAtOnce).kind == Kind::kClosed);
  CHECK(selected->next(kAtOnce).kind == Kind::kClosed);
  // What was left out on purpose is not to be shown any more.
  auto chosen = testing::orders_stream();
  chosen.columns.pop_back();
  chosen.columns_chosen = true;
  set_columns(chosen);
  CHECK(whole->next(kAtOnce).kind == Kind::kClosed);
}

TEST_CASE("A stream that the catalog no longer has is closed, others go on", "[hub]") {
  HubFixture fixture;
  const auto orders = fixture.subscribe();
  const auto items = fixture.hub.subscribe(fixture.hub.catalog(), {"items"}, std::nullopt);
  const auto catalog = std::make_shared<Catalog>();
  (*catalog)["items"].name = "items";
  fixture.hub.set_catalog(catalog);
  CHECK(orders->next(kAtOnce).kind == Kind::kClosed);
  CHECK(items->next(kAtOnce).kind == Kind::kIdle);
}

}  // namespace
}  // namespace ordercast::hub
