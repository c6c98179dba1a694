#include "hub/fan_out.h"

#include <fmt/format.h>

#include <atomic>
#include <catch2/catch.hpp>
#include <future>
#include <vector>

#include "support/event_stream.h"
#include "support/eventually.h"
#include "support/hub_fixture.h"
#include "support/pages.h"
#include "support/send_gate.h"
#include "support/socket_outlet.h"

namespace ordercast::hub {
namespace {

using std::chrono::milliseconds;
using testing::EventStream;
using testing::eventually;
using testing::HubFixture;
using testing::kAtOnce;
using testing::SocketOutlet;
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
                  const ViewSpec& view = {"orders"})
      : hub_(fixture.hub),
        subscriber_(hub_.subscribe(hub_.catalog(), view, std::nullopt, on_reset)) {
    subscriber_->attach(client_.outlet());
    sit();
  }
  // The hub's sends to it go through `gate`, which is made for its socket.
  Seated(HubFixture& fixture, std::optional<testing::SendGate>& gate)
      : hub_(fixture.hub), subscriber_(hub_.subscribe(hub_.catalog(), {"orders"}, std::nullopt)) {
    subscriber_->attach(client_.outlet(&gate.emplace(client_.fd())));
    sit();
  }

  void sit() {
    const auto before = hub_.status().caught_up;
    next_ = std::async(std::launch::async, [this] { return subscriber_->next(kAtOnce); });
    REQUIRE(eventually([&] { return hub_.status().caught_up > before; }));
  }
  // What the thread is needed for.
  [[nodiscard]] Delivery needed_for() { return next_.get(); }
  [[nodiscard]] bool sits() const { return sits_for(milliseconds(0)); }
  [[nodiscard]] bool sits_for(milliseconds time) const {
    return next_.wait_for(time) == std::future_status::timeout;
  }

  Subscriber& subscriber() { return *subscriber_; }
  SocketOutlet& client() { return client_; }

 private:
  Hub& hub_;
  SocketOutlet client_;
  std::unique_ptr<Subscriber> subscriber_;
  std::future<Delivery> next_;
};

TEST_CASE("Who has caught up is written to while its thread sits", "[fan_out]") {
  HubFixture fixture;
  Seated one(fixture);
  Seated other(fixture);
  Seated elsewhere(fixture, Hub::OnReset::kTell, {"items"});
  for (int i = 0; i < 3; ++i) fixture.commit_and_publish();
  for (auto* seated : {&one, &other}) {
    CHECK(seqs(seated->client().wait_for("\"seq\":3}")) == std::vector<std::int64_t>{1, 2, 3});
    CHECK(seated->sits());
  }
  CHECK(elsewhere.sits());
  fixture.hub.close();
  for (auto* seated : {&one, &other, &elsewhere}) {
    CHECK(seated->needed_for().kind == Kind::kClosed);
  }
  CHECK(elsewhere.client().received().empty());
}

TEST_CASE("A short send is finished by the thread, which then catches up and sits again",
          "[fan_out]") {
  HubFixture fixture(1);
  Seated seated(fixture);
  fixture.commit_and_publish();
  CHECK(seqs(seated.client().wait_for("\"seq\":1}")) == std::vector<std::int64_t>{1});
  seated.client().fill();
  fixture.commit_and_publish();
  const auto rest = seated.needed_for();
  REQUIRE(rest.kind == Kind::kRest);
  CHECK(fixture.hub.status().fan_out.short_sends == 1);
  CHECK(fixture.hub.status().caught_up == 0);
  fixture.commit_and_publish();  // while it is away
  seated.client().drain();
  CHECK(seqs(rest.frames->text()) == std::vector<std::int64_t>{2});
  CHECK(rest.taken == 0);  // a socket pair takes a small send whole or not at all

  const auto missed = seated.subscriber().next(kAtOnce);
  REQUIRE(missed.kind == Kind::kFrames);
  CHECK(seqs(missed.frames->text()) == std::vector<std::int64_t>{3});
  seated.sit();
  fixture.commit_and_publish();
  CHECK(seqs(seated.client().wait_for("\"seq\":4}")) == std::vector<std::int64_t>{4});
  fixture.hub.close();
  CHECK(seated.needed_for().kind == Kind::kClosed);
}

TEST_CASE("Silent streams get a heartbeat that moves their id", "[fan_out]") {
  HubFixture fixture(HistoryReader::kPageRows, {.heartbeat = milliseconds(40)});
  Seated orders(fixture);
  Seated items(fixture, Hub::OnReset::kTell, {"items"});
  fixture.commit_and_publish();
  const auto id = "id: " + fixture.hub.status().head.encode() + "\n\n";
  CHECK(items.client().wait_for(id).ends_with(id));
  CHECK(EventStream(items.client().wait_for(id)).events.empty());
  CHECK(orders.client().wait_for(id).ends_with(id));
  CHECK(orders.sits());
  fixture.hub.close();
}

TEST_CASE("A client that misses a heartbeat resumes where the heartbeat says", "[fan_out]") {
  HubFixture fixture(1, {.backlog_bytes = 0, .heartbeat = milliseconds(40)});
  Seated seated(fixture);
  seated.client().fill();
  CHECK(seated.needed_for().kind == Kind::kRest);
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
  CHECK(seqs(told.client().wait_for("\"seq\":3}")) == std::vector<std::int64_t>{1, 2, 3});
  const auto reset = stops.needed_for();
  CHECK(reset.kind == Kind::kReset);
  CHECK(reset.reason == "truncate");
  CHECK(stops.client().received().empty());
  fixture.hub.close();
}

TEST_CASE("News that a thread must tell turns all out", "[fan_out]") {
  HubFixture fixture;
  Seated one(fixture);
  fixture.commit_and_publish();
  static_cast<void>(one.client().wait_for("\"seq\":1}"));
  fixture.hub.set_database_up(false);
  CHECK(one.needed_for().kind == Kind::kStatus);
  one.sit();
  fixture.hub.start(Epoch{0xdef}, fixture.at, "epoch");
  const auto reset = one.needed_for();
  CHECK(reset.kind == Kind::kReset);
  CHECK(one.subscriber().cursor() == Cursor{Epoch{0xdef}, fixture.at});
  one.sit();
  fixture.commit_and_publish();
  CHECK(seqs(one.client().wait_for("\"seq\":2}")) == std::vector<std::int64_t>{1, 2});
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

TEST_CASE("Who hangs up leaves no trace: others are served on", "[fan_out]") {
  HubFixture fixture;
  Seated stays(fixture);
  Seated leaves(fixture);
  leaves.subscriber().hang_up();
  CHECK(leaves.needed_for().kind == Kind::kHungUp);
  const auto sends = fixture.hub.status().fan_out.sends;
  fixture.commit_and_publish();
  static_cast<void>(stays.client().wait_for("\"seq\":1}"));
  CHECK(leaves.client().received().empty());
  // It counts what it has sent.
  CHECK(eventually([&] { return fixture.hub.status().fan_out.sends > sends; }));
  CHECK(fixture.hub.status().fan_out.sends == sends + 1);
  fixture.hub.close();
}

// Else the two would write to one socket at once; or, when the client has gone, the fan-out to a
// socket whose number is by then another client's.
TEST_CASE("Who leaves has its socket back only when the fan-out has let go of it", "[fan_out]") {
  HubFixture fixture;
  std::optional<testing::SendGate> gate;
  Seated seated(fixture, gate);
  fixture.commit_and_publish();
  CHECK(gate->reached());
  const bool drains = GENERATE(false, true);
  if (drains) {
    fixture.hub.drain(milliseconds(0));
  } else {
    seated.subscriber().hang_up();
  }
  // It has asked to go by now, and must not have gone.
  constexpr milliseconds kTimeToGo{150};
  CHECK(seated.sits_for(kTimeToGo));
  gate->open();
  const auto left = seated.needed_for().kind;
  CHECK(left == (drains ? Kind::kClosed : Kind::kHungUp));
  // The send was over before that.
  CHECK(seqs(seated.client().received()) == std::vector<std::int64_t>{1});
  fixture.hub.close();
}

TEST_CASE("The log's reader does not run away from the fan-out", "[fan_out]") {
  // Rows that take longer to look at than to publish, and a backlog that holds a few dozen of them.
  // Were pages dropped before the fan-out has taken them, the subscriber would have to look for
  // them in the log, which does not have them.
  constexpr std::size_t kRowBytes = 100'000;
  constexpr int kPages = 100;
  constexpr int kViews = 20;
  // Most of the clients read nothing: heartbeats must not fill their sockets, however long it
  // takes.
  constexpr milliseconds kHeartbeat{500};
  HubFixture fixture(1, {.backlog_bytes = 40 * kRowBytes, .heartbeat = kHeartbeat});
  const StreamInfo stream{.name = "orders",
                          .table = "orders",
                          .key = {"id"},
                          .columns = {{"id", "text", "text"}},
                          .tenant = ""};
  std::vector<std::unique_ptr<Seated>> crowd;
  for (int i = 0; i < kViews; ++i) {
    const std::vector<Parameter> nothing{{"id", fmt::format("ilike.*y{}*z*", i)}};
    crowd.push_back(std::make_unique<Seated>(
        fixture, Hub::OnReset::kTell,
        ViewSpec{.stream = "orders", .filter = Filter::parse(nothing, stream)}));
  }
  const auto row = "{\"id\":\"" + std::string(kRowBytes, 'x') + "\"}";
  std::vector<BatchPtr> pages;
  for (int i = 1; i <= kPages; ++i) {
    const auto tx = fixture.at.seen.xmax;
    Batch page = *testing::page_of(fixture.at, tx + 1, {{i, tx}});
    page.changes[0].new_row = row;
    fixture.at = page.end();
    pages.push_back(std::make_shared<const Batch>(std::move(page)));
  }
  std::atomic<int> reads = 0;
  fixture.log.set_interruption([&reads] { ++reads; });
  for (auto& page : pages) fixture.hub.publish(std::move(page));
  // A heartbeat with the last position comes after the last page.
  const auto id = fixture.hub.status().head.encode();
  auto& client = crowd.front()->client();
  CHECK(eventually([&] { return reads > 0 || client.received().find(id) != std::string::npos; }));
  CHECK(reads == 0);
  CHECK(fixture.hub.status().caught_up == kViews);
  fixture.hub.close();
  for (const auto& seated : crowd) CHECK(seated->needed_for().kind == Kind::kClosed);
}

// Entrants stand at the end of the backlog; what one round sends is bounded, and may end before.
TEST_CASE("Who has come further than a round sends is sent only what follows", "[fan_out]") {
  std::atomic<std::size_t> memory = 0;
  std::vector<PagePtr> pages;
  std::vector<Position> ends{testing::quiet_at(10)};
  for (const int seq : {1, 2, 3}) {
    const auto tx = ends.back().seen.xmax;
    const auto batch = testing::page_of(ends.back(), tx + 1, {{seq, tx}});
    pages.push_back(std::make_shared<Page>(batch, testing::kEpoch, memory));
    ends.push_back(batch->end());
  }
  const auto view = std::make_shared<const View>("orders");
  struct Client {
    SocketOutlet socket;
    SeatPtr seat = std::make_shared<Seat>();
  };
  Client with_all, ahead, leaves;
  const auto entrant = [&](const Client& client, std::uint64_t ordinal) {
    return FanOut::Entrant{
        {client.socket.outlet(), false, client.seat}, view, {ordinal, ends[ordinal]}};
  };

  std::uint64_t begin = 0;
  std::promise<void> served;
  const auto rounds = [&](FanOut::Time) -> std::optional<FanOut::Round> {
    if (begin == pages.size()) return served.set_value(), std::nullopt;
    FanOut::Round round;
    if (begin == 0) {
      round.entrants = {entrant(with_all, 0), entrant(ahead, 2), entrant(leaves, 2)};
      round.leavers = {{leaves.seat, view}};
    }
    round.begin = {begin, ends[begin]};
    round.pages = {pages[begin]};
    ++begin;
    round.end = {testing::kEpoch, ends[begin]};
    return round;
  };
  Traffic traffic;
  {
    const FanOut fan_out(rounds, std::chrono::hours(1), traffic);
    served.get_future().wait();
  }
  CHECK(seqs(with_all.socket.received()) == std::vector<std::int64_t>{1, 2, 3});
  CHECK(seqs(ahead.socket.received()) == std::vector<std::int64_t>{3});
  CHECK(leaves.socket.received().empty());
  leaves.seat->hang_up();  // who has not been told to go does not wait for it
  const auto left = leaves.seat->wait();
  REQUIRE(left);
  CHECK(left->next.ordinal == 2);
}

}  // namespace
}  // namespace ordercast::hub
