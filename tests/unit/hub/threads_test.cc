// The hub under real threads; what ThreadSanitizer is to watch (./dev test --preset tsan).
#include <atomic>
#include <catch2/catch.hpp>
#include <latch>
#include <thread>

#include "core/cursor.h"
#include "support/event_stream.h"
#include "support/hub_fixture.h"

namespace ordercast::hub {
namespace {

using std::chrono::milliseconds;
using std::chrono::steady_clock;
using testing::EventStream;
using testing::HubFixture;
using Kind = Subscriber::Delivery::Kind;

constexpr std::size_t kClients = 8;
// Nobody waits that long: what is waited for comes, or the test has failed.
constexpr std::chrono::minutes kNever{5};

// Runs `body(i)` on a thread for each client. The bodies must not use Catch's macros: they take no
// threads.
template <typename Body>
std::vector<std::thread> start_clients(Body body) {
  std::vector<std::thread> threads;
  for (std::size_t i = 0; i < kClients; ++i) threads.emplace_back(body, i);
  return threads;
}

void join(std::vector<std::thread>& threads) {
  for (auto& thread : threads) thread.join();
}

// A client that comes back with its last id after every few events.
struct RestlessClient {
  std::vector<std::int64_t> seqs;
  int statuses = 0;
  bool closed = false;

  // Until the hub closes; `done` is told when all of `expected` changes have come.
  void run(HubFixture& fixture, std::string id, std::size_t expected, std::latch& done) {
    while (!closed) {
      const auto subscriber = fixture.subscribe(id);
      const auto leave_at = seqs.size() + 20;
      while (!closed && (seqs.size() < leave_at || seqs.size() >= expected)) {
        const auto before = seqs.size();
        take(*subscriber, id);
        if (before < expected && seqs.size() >= expected) done.count_down();
      }
    }
  }

  void take(Subscriber& subscriber, std::string& id) {
    const auto delivery = subscriber.next(steady_clock::now() + milliseconds(2));
    closed = delivery.kind == Kind::kClosed;
    if (delivery.kind == Kind::kStatus) ++statuses;
    if (delivery.kind == Kind::kIdle) {
      id = subscriber.cursor().encode();
    }
    if (delivery.kind != Kind::kFrames) return;
    const EventStream stream(delivery.frames->text());
    for (const auto& event : stream.events) {
      seqs.push_back(std::stoll(event.data.substr(event.data.rfind(':') + 1)));
    }
    id = stream.last_event_id;
  }
};

TEST_CASE("Clients on threads that come and go get every change once", "[threads]") {
  constexpr int kTransactions = 300;
  // Room for a few pages: who is away for a moment reads the history.
  HubFixture fixture(4, {.backlog_bytes = 4000});
  const auto begin = fixture.subscribe()->cursor().encode();
  std::latch done(kClients);
  std::vector<RestlessClient> clients(kClients);
  auto threads =
      start_clients([&](std::size_t i) { clients[i].run(fixture, begin, kTransactions, done); });

  std::atomic<bool> written = false;
  std::thread writer([&] {
    for (int i = 0; i < kTransactions; ++i) fixture.log.commit_one("orders", i % 7);
    written = true;
  });
  std::thread listener([&] {
    for (int i = 0; !written || !(fixture.at == fixture.log.position()); ++i) {
      fixture.publish_page();
      if (i % 16 == 0) fixture.hub.set_database_up(i % 32 == 0);
      if (i % 64 == 0) fixture.hub.set_catalog(fixture.hub.catalog());
    }
  });
  writer.join();
  listener.join();
  done.wait();
  CHECK(fixture.hub.status().subscribers <= kClients);
  fixture.hub.close();
  join(threads);

  for (const auto& client : clients) {
    CHECK(client.closed);
    std::vector<std::int64_t> expected;
    for (const auto* change : fixture.log.committed()) expected.push_back(change->seq);
    CHECK(client.seqs == expected);
  }
  CHECK(fixture.hub.status().subscribers == 0);
}

TEST_CASE("A commit wakes every reader that waits", "[threads]") {
  HubFixture fixture;
  std::latch subscribed(kClients);
  std::vector<Kind> kinds(kClients, Kind::kIdle);
  auto threads = start_clients([&](std::size_t i) {
    const auto subscriber = fixture.subscribe();
    subscribed.count_down();
    kinds[i] = subscriber->next(steady_clock::now() + kNever).kind;
  });
  subscribed.wait();
  fixture.commit_and_publish();
  join(threads);
  CHECK(kinds == std::vector<Kind>(kClients, Kind::kFrames));
}

TEST_CASE("Close ends every wait", "[threads]") {
  HubFixture fixture;
  std::latch subscribed(kClients);
  std::vector<Kind> kinds(kClients, Kind::kIdle);
  auto threads = start_clients([&](std::size_t i) {
    const auto subscriber = fixture.subscribe();
    subscribed.count_down();
    kinds[i] = subscriber->next(steady_clock::now() + kNever).kind;
  });
  subscribed.wait();
  fixture.hub.close();
  join(threads);
  CHECK(kinds == std::vector<Kind>(kClients, Kind::kClosed));
}

TEST_CASE("A new history resets every reader once, and each goes on in it", "[threads]") {
  constexpr Epoch kNewEpoch{0xdef};
  HubFixture fixture;
  std::latch subscribed(kClients);
  std::latch reset(kClients);
  std::vector<std::vector<Kind>> kinds(kClients);
  std::vector<Cursor> cursors(kClients);
  auto threads = start_clients([&](std::size_t i) {
    const auto subscriber = fixture.subscribe();
    subscribed.count_down();
    kinds[i].push_back(subscriber->next(steady_clock::now() + kNever).kind);
    cursors[i] = subscriber->cursor();
    reset.count_down();
    kinds[i].push_back(subscriber->next(steady_clock::now() + kNever).kind);
  });
  subscribed.wait();
  fixture.hub.start(kNewEpoch, fixture.at, "epoch");
  reset.wait();
  fixture.commit_and_publish();
  join(threads);
  for (std::size_t i = 0; i < kClients; ++i) {
    CHECK(kinds[i] == std::vector<Kind>{Kind::kReset, Kind::kFrames});
    CHECK(cursors[i].epoch == kNewEpoch);
  }
}

}  // namespace
}  // namespace ordercast::hub
