// What the hub counts, against what its clients got.
#include "hub/traffic.h"

#include <catch2/catch.hpp>
#include <chrono>
#include <future>
#include <memory>
#include <numeric>
#include <optional>

#include "support/eventually.h"
#include "support/hub_fixture.h"
#include "support/socket_outlet.h"

namespace ordercast::hub {
namespace {

using namespace std::chrono_literals;
using testing::eventually;
using testing::HubFixture;
using testing::kAtOnce;
using testing::SocketOutlet;

// A subscriber whose thread sits.
struct Seated {
  explicit Seated(HubFixture& fixture) : subscriber(fixture.subscribe()) {
    subscriber->attach(client.outlet());
    sit(fixture);
  }
  void sit(HubFixture& fixture) {
    const auto before = fixture.hub.status().caught_up;
    next = std::async(std::launch::async, [this] { return subscriber->next(kAtOnce); });
    REQUIRE(eventually([&] { return fixture.hub.status().caught_up > before; }));
  }

  SocketOutlet client;
  std::unique_ptr<Subscriber> subscriber;
  std::future<Subscriber::Delivery> next;
};

TEST_CASE("What the fan-out has sent is counted for all, and for each from when it came",
          "[traffic]") {
  HubFixture fixture;
  Seated early(fixture);
  fixture.commit_and_publish(1);
  const auto first = early.client.wait_for("\"seq\":1}");
  Seated late(fixture);
  fixture.commit_and_publish(2);
  const auto both = early.client.wait_for("\"seq\":2}");
  const auto second = late.client.wait_for("\"seq\":2}");

  fixture.hub.close();
  CHECK(early.next.get().reason == "shutdown");
  CHECK(late.next.get().reason == "shutdown");
  CHECK(early.subscriber->sent().events == 2);
  CHECK(early.subscriber->sent().bytes == both.size());
  CHECK(late.subscriber->sent().events == 1);
  CHECK(late.subscriber->sent().bytes == second.size());
  const auto sent = fixture.hub.status().fan_out.sent;
  CHECK(sent.events == 3);
  CHECK(sent.bytes == both.size() + second.size());
}

TEST_CASE("What a socket did not take whole is left for its thread to count", "[traffic]") {
  HubFixture fixture;
  Seated seated(fixture);
  fixture.commit_and_publish(1);
  const auto told = seated.client.wait_for("\"seq\":1}");
  seated.client.fill();
  fixture.commit_and_publish(2);
  const auto delivery = seated.next.get();
  REQUIRE(delivery.kind == Subscriber::Delivery::Kind::kRest);
  CHECK(delivery.frames->size().events == 1);
  CHECK(seated.subscriber->sent().events == 1);
  CHECK(seated.subscriber->sent().bytes == told.size());
  CHECK(fixture.hub.status().fan_out.sent.events == 1);
}

TEST_CASE("Changes that were read are counted by what they are", "[traffic]") {
  HubFixture fixture;
  fixture.commit_and_publish(1);
  fixture.commit_and_publish(2);
  const auto counts = fixture.hub.traffic().read.counts();
  std::uint64_t all = 0;
  for (const auto& [op, count] : counts) all += count;
  CHECK(all == 2);
  CHECK(counts.at("insert") + counts.at("update") == 2);
}

TEST_CASE("Who resumes is timed until it has caught up, once", "[traffic]") {
  HubFixture fixture;
  const auto cursor = fixture.subscribe()->cursor().encode();
  fixture.commit_and_publish(1);
  SocketOutlet client;
  const auto subscriber = fixture.subscribe(cursor);
  subscriber->attach(client.outlet());
  CHECK(subscriber->next(kAtOnce).kind == Subscriber::Delivery::Kind::kFrames);
  const auto count = [&] {
    const auto buckets = fixture.hub.traffic().replay.summary().buckets;
    return std::accumulate(buckets.begin(), buckets.end(), std::uint64_t{0});
  };
  CHECK(count() == 0);
  auto next = std::async(std::launch::async, [&] { return subscriber->next(kAtOnce); });
  CHECK(eventually([&] { return count() == 1; }));
  fixture.hub.close();
  next.get();
}

TEST_CASE("The fan-out shows that it lives, also when there is nothing to do", "[traffic]") {
  HubFixture fixture(HistoryReader::kPageRows, {.heartbeat = 40ms});
  const auto at_first = fixture.hub.status().fan_out_last_round;
  CHECK(eventually([&] { return fixture.hub.status().fan_out_last_round > at_first; }));
}

TEST_CASE("A fan-out that is stuck shows it", "[traffic]") {
  std::promise<void> stuck;
  std::promise<void> go_on;
  Traffic traffic;
  FanOut fan_out(
      [&](FanOut::Time) -> std::optional<FanOut::Round> {
        stuck.set_value();
        go_on.get_future().wait();
        return std::nullopt;
      },
      40ms, traffic);
  const auto at_first = fan_out.last_round();
  stuck.get_future().wait();
  CHECK(fan_out.last_round() == at_first);
  go_on.set_value();
}

}  // namespace
}  // namespace ordercast::hub
