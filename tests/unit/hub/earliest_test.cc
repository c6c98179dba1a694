// "earliest" in a cursor's place: all that the log still keeps.
#include <catch2/catch.hpp>

#include "hub/subscriber.h"
#include "support/event_stream.h"
#include "support/hub_fixture.h"

namespace ordercast::hub {
namespace {

using testing::EventStream;
using testing::HubFixture;
using testing::kAtOnce;
using Kind = Subscriber::Delivery::Kind;
using Seqs = std::vector<std::int64_t>;

Seqs drain(Subscriber& subscriber) {
  Seqs all;
  for (;;) {
    const auto delivery = subscriber.next(kAtOnce);
    if (delivery.kind == Kind::kIdle) return all;
    REQUIRE(delivery.kind == Kind::kFrames);
    for (const auto& event : EventStream(delivery.frames->text()).events) {
      all.push_back(std::stoll(event.data.substr(event.data.rfind(':') + 1)));
    }
  }
}

TEST_CASE("The earliest is before all that is kept, and goes on into what is live", "[hub]") {
  HubFixture node(2);
  node.log.commit_one("orders", 1);
  node.log.commit_one("items", 2);
  const auto open = node.log.begin();
  node.log.put(open, "orders", 3);
  for (int id = 4; id <= 8; ++id) node.log.commit_one("orders", id);

  const auto subscriber = node.subscribe(kEarliest);
  CHECK(subscriber->resumed());
  CHECK(subscriber->refused().empty());
  CHECK(drain(*subscriber) == Seqs{1, 4, 5, 6, 7, 8});
  node.log.commit(open);
  for (int page = 0; page < 5; ++page) node.publish_page();
  CHECK(drain(*subscriber) == Seqs{3});
  node.commit_and_publish(9);
  CHECK(drain(*subscriber) == Seqs{9});
}

TEST_CASE("In a log where nothing was written yet the earliest is the head", "[hub]") {
  HubFixture node;
  const auto subscriber = node.subscribe(kEarliest);
  CHECK(drain(*subscriber).empty());
  CHECK(subscriber->cursor() == node.hub.status().head);
  node.commit_and_publish();
  CHECK(drain(*subscriber) == Seqs{1});
}

TEST_CASE("The id of the earliest resumes there", "[hub]") {
  HubFixture node(1);
  for (int id = 1; id <= 3; ++id) node.commit_and_publish(id);
  const auto id = node.subscribe(kEarliest)->cursor().encode();
  CHECK(drain(*node.subscribe(id)) == Seqs{1, 2, 3});
}

TEST_CASE("A transaction that is not kept whole is not replayed", "[hub]") {
  HubFixture node;
  const auto tx = node.log.begin();
  for (int id = 1; id <= 3; ++id) node.log.put(tx, "orders", id);
  node.log.commit(tx);
  node.log.commit_one("orders", 4);
  node.log.drop_before(2);
  CHECK(drain(*node.subscribe(kEarliest)) == Seqs{4});
}

TEST_CASE("What is dropped between the greeting and the first page was read before", "[hub]") {
  HubFixture node(2);
  for (int id = 1; id <= 3; ++id) node.log.commit_one("orders", id);
  const auto subscriber = node.subscribe(kEarliest);
  node.log.drop_before(4);
  const auto first = subscriber->next(kAtOnce);
  REQUIRE(first.kind == Kind::kFrames);
  CHECK(EventStream(first.frames->text()).events.size() == 2);
  // The next page is one that it has no claim to: it is told.
  CHECK(subscriber->next(kAtOnce).reason == "retention");
}

TEST_CASE("The earliest takes a database that answers", "[hub]") {
  HubFixture node;
  node.log.set_available(false);
  CHECK_THROWS_AS(node.subscribe(kEarliest), HistoryUnavailable);
  CHECK(node.hub.status().subscribers == 0);
}

TEST_CASE("History that begins again while the earliest is read is told", "[hub]") {
  HubFixture node;
  node.log.commit_one("orders", 1);
  node.log.set_interruption([&] {
    node.log.set_interruption(nullptr);
    node.hub.start(Epoch{0xdef}, node.log.position(), "epoch");
  });
  const auto subscriber = node.subscribe(kEarliest);
  const auto reset = subscriber->next(kAtOnce);
  REQUIRE(reset.kind == Kind::kReset);
  CHECK(reset.reason == "epoch");
  CHECK(subscriber->cursor() == node.hub.status().head);
  CHECK(drain(*subscriber).empty());
}

}  // namespace
}  // namespace ordercast::hub
