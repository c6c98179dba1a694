#include "hub/fan_out.h"

#include <catch2/catch.hpp>
#include <future>
#include <vector>

#include "support/event_stream.h"
#include "support/eventually.h"
#include "support/hub_fixture.h"
#include "support/memory_outlet.h"
#include "support/pages.h"

namespace ordercast::hub {
namespace {

using std::chrono::milliseconds;
using std::chrono::steady_clock;
using testing::EventStream;
using testing::eventually;
using testing::HubFixture;
using testing::kAtOnce;
using testing::MemoryOutlet;
using Delivery = Subscriber::Delivery;
using Kind = Delivery::Kind;

std::vector<std::int64_t> seqs(std::string_view text) {
  std::vector<std::int64_t> seqs;
  for (const auto& event : EventStream(text).events) {
    seqs.push_back(std::stoll(event.data.substr(event.data.rfind(':') + 1)));
  }
  return seqs;
}

// A subscriber whose thread sits: next() does not look at its deadline then.
class Seated {
 public:
  explicit Seated(HubFixture& fixture, Hub::OnReset on_reset = Hub::OnReset::kTell,
                  const std::string& stream = "orders")
      : hub_(fixture.hub), subscriber_(hub_.subscribe(stream, std::nullopt, on_reset)) {
    subscriber_->attach(outlet_);
    sit();
  }

  void sit() {
    const auto before = hub_.status().caught_up;
    next_ = std::async(std::launch::async, [this] { return subscriber_->next(kAtOnce); });
    REQUIRE(eventually([&] { return hub_.status().caught_up > before; }));
  }
  // What the thread is needed for.
  [[nodiscard]] Delivery needed_for() { return next_.get(); }
  [[nodiscard]] bool sits() const {
    return next_.wait_for(std::chrono::seconds(0)) == std::future_status::timeout;
  }

  Subscriber& subscriber() { return *subscriber_; }
  MemoryOutlet& outlet() { return outlet_; }

 private:
  Hub& hub_;
  MemoryOutlet outlet_;
  std::unique_ptr<Subscriber> subscriber_;
  std::future<Delivery> next_;
};

TEST_CASE("Who has caught up is written to while its thread sits", "[fan_out]") {
  HubFixture fixture;
  Seated one(fixture);
  Seated other(fixture);
  Seated elsewhere(fixture, Hub::OnReset::kTell, "items");
  for (int i = 0; i < 3; ++i) fixture.commit_and_publish();
  for (auto* seated : {&one, &other}) {
    CHECK(seqs(seated->outlet().wait_for("\"seq\":3}")) == std::vector<std::int64_t>{1, 2, 3});
    CHECK(seated->sits());
  }
  CHECK(elsewhere.sits());
  fixture.hub.close();
  for (auto* seated : {&one, &other, &elsewhere}) {
    CHECK(seated->needed_for().kind == Kind::kClosed);
  }
  CHECK(elsewhere.outlet().wait_for("").empty());
}

TEST_CASE("A short send is finished by the thread, which then catches up and sits again",
          "[fan_out]") {
  HubFixture fixture(1);
  Seated seated(fixture);
  fixture.commit_and_publish();
  auto text = seated.outlet().wait_for("\"seq\":1}");
  seated.outlet().set_room(10);
  fixture.commit_and_publish();
  const auto rest = seated.needed_for();
  REQUIRE(rest.kind == Kind::kRest);
  CHECK(rest.taken == 10);
  CHECK(fixture.hub.status().fan_out.short_sends == 1);
  fixture.commit_and_publish();  // while it is away
  text = seated.outlet().wait_for("") + std::string(rest.frames->text().substr(rest.taken));
  seated.outlet().set_room(MemoryOutlet::kEndless);

  const auto missed = seated.subscriber().next(kAtOnce);
  REQUIRE(missed.kind == Kind::kFrames);
  text += missed.frames->text();
  seated.sit();
  fixture.commit_and_publish();
  const auto all = seated.outlet().wait_for("\"seq\":4}");
  text += all.substr(all.find("id: ", all.find("\"seq\":1}")) + 10);
  CHECK(seqs(text) == std::vector<std::int64_t>{1, 2, 3, 4});
  fixture.hub.close();
  CHECK(seated.needed_for().kind == Kind::kClosed);
}

TEST_CASE("Silent streams get a heartbeat that moves their id", "[fan_out]") {
  HubFixture fixture(HistoryReader::kPageRows, {.heartbeat = milliseconds(40)});
  Seated orders(fixture);
  Seated items(fixture, Hub::OnReset::kTell, "items");
  fixture.commit_and_publish();
  const auto id = "id: " + fixture.hub.status().head.encode() + "\n\n";
  CHECK(items.outlet().wait_for(id).ends_with(id));
  CHECK(EventStream(items.outlet().wait_for(id)).events.empty());
  CHECK(orders.outlet().wait_for(id).ends_with(id));
  CHECK(orders.sits());
  fixture.hub.close();
}

TEST_CASE("A client whose heartbeat is torn resumes where the heartbeat says", "[fan_out]") {
  HubFixture fixture(1, {.backlog_bytes = 0, .heartbeat = milliseconds(40)});
  Seated seated(fixture);
  seated.outlet().set_room(3);
  const auto rest = seated.needed_for();
  REQUIRE(rest.kind == Kind::kRest);
  CHECK(rest.taken == 3);
  for (int i = 0; i < 3; ++i) fixture.commit_and_publish();  // its page is dropped meanwhile
  std::vector<std::int64_t> got;
  while (got.size() < 3) {
    const auto delivery = seated.subscriber().next(kAtOnce);
    REQUIRE(delivery.kind == Kind::kFrames);
    for (const auto seq : seqs(delivery.frames->text())) got.push_back(seq);
  }
  CHECK(got == std::vector<std::int64_t>{1, 2, 3});
}

TEST_CASE("Who must stop at a reset is turned out for it, others are told", "[fan_out]") {
  HubFixture fixture;
  Seated told(fixture);
  Seated stops(fixture, Hub::OnReset::kStop);
  const auto tx = fixture.at.seen.xmax;
  Batch page = *testing::page_of(fixture.at, tx + 1, {{1, tx}, {2, tx}, {3, tx}});
  page.changes[1].op = Op::kTruncate;
  fixture.hub.publish(std::make_shared<const Batch>(page));
  CHECK(seqs(told.outlet().wait_for("\"seq\":3}")) == std::vector<std::int64_t>{1, 2, 3});
  const auto reset = stops.needed_for();
  CHECK(reset.kind == Kind::kReset);
  CHECK(reset.reason == "truncate");
  CHECK(stops.outlet().wait_for("").empty());
  fixture.hub.close();
}

TEST_CASE("News that a thread must tell turns all out", "[fan_out]") {
  HubFixture fixture;
  Seated one(fixture);
  fixture.commit_and_publish();
  static_cast<void>(one.outlet().wait_for("\"seq\":1}"));
  fixture.hub.set_database_up(false);
  CHECK(one.needed_for().kind == Kind::kStatus);
  one.sit();
  fixture.hub.start(Epoch{0xdef}, fixture.at, "epoch");
  const auto reset = one.needed_for();
  CHECK(reset.kind == Kind::kReset);
  CHECK(one.subscriber().cursor() == Cursor{Epoch{0xdef}, fixture.at});
  one.sit();
  fixture.commit_and_publish();
  CHECK(seqs(one.outlet().wait_for("\"seq\":2}")) == std::vector<std::int64_t>{1, 2});
  fixture.hub.close();
  CHECK(one.needed_for().kind == Kind::kClosed);
}

TEST_CASE("Who sits leaves a hub that drains when its turn comes", "[fan_out]") {
  HubFixture fixture;
  Seated first(fixture);
  Seated second(fixture);
  fixture.hub.drain(milliseconds(50));
  CHECK(first.needed_for().kind == Kind::kClosed);
  CHECK(second.needed_for().kind == Kind::kClosed);
}

TEST_CASE("A client that hangs up frees its thread at once", "[fan_out]") {
  HubFixture fixture;
  Seated seated(fixture);
  seated.subscriber().hang_up();
  CHECK(seated.needed_for().kind == Kind::kHungUp);
}

TEST_CASE("The log's reader does not run away from the fan-out", "[fan_out]") {
  // A client's socket that takes its time holds the fan-out up; here, until it is told.
  class Gate : public Outlet {
   public:
    std::optional<std::size_t> offer(const Frames&) noexcept override {
      open_.get_future().wait();
      return std::nullopt;
    }
    void open() { open_.set_value(); }

   private:
    std::promise<void> open_;
  };
  HubFixture fixture(1);
  Gate gate;
  const auto subscriber = fixture.subscribe();
  subscriber->attach(gate);
  auto next = std::async(std::launch::async, [&] { return subscriber->next(kAtOnce); });
  REQUIRE(eventually([&] { return fixture.hub.status().caught_up == 1; }));
  constexpr int kMany = 100;
  std::atomic<int> published = 0;
  auto listener = std::async(std::launch::async, [&] {
    for (; published < kMany; ++published) fixture.commit_and_publish();
  });
  CHECK(listener.wait_for(milliseconds(100)) == std::future_status::timeout);
  CHECK(published < kMany);
  fixture.hub.close();  // ends every wait
  listener.get();
  gate.open();
  CHECK(next.get().kind == Kind::kClosed);
}

}  // namespace
}  // namespace ordercast::hub
