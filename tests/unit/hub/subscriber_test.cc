#include "hub/subscriber.h"

#include <catch2/catch.hpp>
#include <future>
#include <set>
#include <thread>

#include "support/child_process.h"
#include "support/event_stream.h"
#include "support/eventually.h"
#include "support/hub_fixture.h"
#include "support/pages.h"
#include "support/snapshot_rows.h"

namespace ordercast::hub {
namespace {

using std::chrono::milliseconds;
using std::chrono::steady_clock;
using testing::EventStream;
using testing::HubFixture;
using testing::kAtOnce;
using testing::rows_in;
using testing::sink_into;
using Kind = Subscriber::Delivery::Kind;

// Nothing but the newest page.
constexpr HubOptions kNoBacklog{.backlog_bytes = 0};

std::vector<std::int64_t> seqs(const FramesPtr& frames) {
  REQUIRE(frames);
  std::vector<std::int64_t> seqs;
  for (const auto& event : EventStream(frames->text()).events) {
    seqs.push_back(std::stoll(event.data.substr(event.data.rfind(':') + 1)));
  }
  return seqs;
}

// All that comes without waiting.
std::vector<std::int64_t> drain(Subscriber& subscriber) {
  std::vector<std::int64_t> all;
  for (;;) {
    const auto delivery = subscriber.next(kAtOnce);
    if (delivery.kind == Kind::kIdle) return all;
    REQUIRE(delivery.kind == Kind::kFrames);
    for (const auto seq : seqs(delivery.frames)) all.push_back(seq);
  }
}

std::string id_after(Subscriber& subscriber, std::int64_t seq) {
  for (;;) {
    const auto delivery = subscriber.next(kAtOnce);
    REQUIRE(delivery.kind == Kind::kFrames);
    for (const auto& event : EventStream(delivery.frames->text()).events) {
      if (event.data.ends_with(std::to_string(seq) + "}")) return event.id;
    }
  }
}

// One transaction with `count` changes.
void commit_many(testing::MemoryLog& log, int count) {
  const auto tx = log.begin();
  for (int id = 0; id < count; ++id) log.put(tx, "orders", id);
  log.commit(tx);
}

TEST_CASE("A reset in the log is told, or stopped at to read the rows", "[subscriber]") {
  HubFixture fixture;
  const auto told = fixture.subscribe();
  const auto stopped =
      fixture.hub.subscribe(fixture.hub.catalog(), {"orders"}, std::nullopt, Hub::OnReset::kStop);
  const auto tx = fixture.at.seen.xmax;
  Batch page = *testing::page_of(fixture.at, tx + 1, {{1, tx}, {2, tx}, {3, tx}});
  page.changes[1].op = Op::kTruncate;
  fixture.hub.publish(std::make_shared<const Batch>(page));

  const auto frames = told->next(kAtOnce);
  REQUIRE(frames.kind == Kind::kFrames);
  CHECK(seqs(frames.frames) == std::vector<std::int64_t>{1, 2, 3});
  const auto reset = stopped->next(kAtOnce);
  REQUIRE(reset.kind == Kind::kReset);
  CHECK(reset.reason == "truncate");
  CHECK(stopped->cursor().position == fixture.at);
}

TEST_CASE("A caught-up reader gets each page as it is published", "[subscriber]") {
  HubFixture fixture;
  const auto subscriber = fixture.subscribe();
  CHECK(subscriber->next(kAtOnce).kind == Kind::kIdle);
  for (std::int64_t seq = 1; seq <= 3; ++seq) {
    fixture.commit_and_publish();
    CHECK(seqs(subscriber->next(kAtOnce).frames) == std::vector{seq});
    CHECK(subscriber->next(kAtOnce).kind == Kind::kIdle);
    CHECK(subscriber->cursor() == fixture.hub.status().head);
  }
}

TEST_CASE("A reader of a quiet stream moves along while others change", "[subscriber]") {
  HubFixture fixture;
  const auto items = fixture.hub.subscribe(fixture.hub.catalog(), {"items"}, std::nullopt);
  fixture.commit_and_publish();
  CHECK(items->next(kAtOnce).kind == Kind::kIdle);
  CHECK(items->cursor() == fixture.hub.status().head);

  // Also when nothing at all was logged.
  fixture.log.roll_back(fixture.log.begin());
  fixture.publish_page();
  CHECK(items->next(kAtOnce).kind == Kind::kIdle);
  CHECK(items->cursor() == fixture.hub.status().head);
}

TEST_CASE("A long history without anything for the view is no silence: it beats on the way",
          "[subscriber]") {
  constexpr milliseconds kHeartbeat{5};
  HubFixture fixture(1, {.backlog_bytes = 0, .heartbeat = kHeartbeat});
  const auto start = fixture.hub.status().head.encode();
  for (int i = 0; i < 3; ++i) fixture.commit_and_publish();
  const bool ends = GENERATE(false, true);
  const auto items = fixture.hub.subscribe(fixture.hub.catalog(), {"items"}, start);
  if (ends) items->end_at(std::nullopt);
  fixture.log.set_interruption(
      [&] { std::this_thread::sleep_for(kHeartbeat); });  // a slow database

  std::vector<std::string> ids{start};
  for (int page = 0; page < 2; ++page) {
    CHECK(items->next(steady_clock::now() + testing::kPatience).kind == Kind::kIdle);
    ids.push_back(items->cursor().encode());
  }
  CHECK(std::set(ids.begin(), ids.end()).size() == ids.size());
  // What it is told is where it goes on.
  fixture.log.set_interruption({});
  fixture.log.commit_one("items", 1);
  const auto resumed = fixture.hub.subscribe(fixture.hub.catalog(), {"items"}, ids.back());
  fixture.publish_page();
  const auto deadline = steady_clock::now() + testing::kPatience;
  auto delivery = resumed->next(deadline);
  // A busy machine may make it beat on its way, too.
  while (delivery.kind == Kind::kIdle && steady_clock::now() < deadline) {
    delivery = resumed->next(deadline);
  }
  CHECK(seqs(delivery.frames) == std::vector<std::int64_t>{4});
}

TEST_CASE("Inside a batch a reader resumes after its id, from memory", "[subscriber]") {
  HubFixture fixture(2);
  const auto first = fixture.subscribe();
  commit_many(fixture.log, 5);
  for (int page = 0; page < 3; ++page) fixture.publish_page();
  fixture.log.set_available(false);
  for (std::int64_t seq = 1; seq <= 5; ++seq) {
    const auto id = id_after(*fixture.subscribe(first->cursor().encode()), seq);
    std::vector<std::int64_t> rest;
    for (auto next = seq + 1; next <= 5; ++next) rest.push_back(next);
    CHECK(drain(*fixture.subscribe(id)) == rest);
  }
}

TEST_CASE("A reader that fell behind the backlog reads the history, then shares frames again",
          "[subscriber]") {
  HubFixture fixture(2, kNoBacklog);
  const auto slow = fixture.subscribe();
  const auto prompt = fixture.subscribe();
  for (int i = 0; i < 7; ++i) fixture.commit_and_publish();
  CHECK(drain(*slow) == std::vector<std::int64_t>{1, 2, 3, 4, 5, 6, 7});
  CHECK(slow->cursor() == fixture.hub.status().head);

  static_cast<void>(drain(*prompt));
  fixture.commit_and_publish();
  CHECK(slow->next(kAtOnce).frames == prompt->next(kAtOnce).frames);
}

TEST_CASE("A reader whose page is dropped while it is at work reads on from the history",
          "[subscriber]") {
  HubFixture fixture(1, kNoBacklog);
  const auto subscriber = fixture.subscribe();
  commit_many(fixture.log, 4);
  fixture.publish_page();
  CHECK(seqs(subscriber->next(kAtOnce).frames) == std::vector<std::int64_t>{1});
  for (int page = 0; page < 3; ++page) fixture.publish_page();
  CHECK(drain(*subscriber) == std::vector<std::int64_t>{2, 3, 4});
}

TEST_CASE("A reader that is ahead of its node gets nothing twice when the node comes up to it",
          "[subscriber]") {
  HubFixture node;
  node.log.commit_one("orders", 1);
  node.log.commit_one("orders", 2);
  const auto ahead = Cursor{testing::kEpoch, node.log.position()}.encode();
  node.log.commit_one("orders", 3);
  const auto subscriber = node.subscribe(ahead);
  CHECK(drain(*subscriber) == std::vector<std::int64_t>{3});
  node.publish_page();
  CHECK(drain(*subscriber).empty());
  node.commit_and_publish();
  CHECK(drain(*subscriber) == std::vector<std::int64_t>{4});
}

TEST_CASE(
    "A reader that is ahead of its node has caught up when the node comes up to it, change or none",
    "[subscriber]") {
  constexpr int kSteps = 20;
  HubFixture node;
  for (int i = 0; i < kSteps; ++i) node.log.roll_back(node.log.begin());
  const auto ahead = Cursor{testing::kEpoch, node.log.position()};
  const auto subscriber = node.subscribe(ahead.encode());
  subscriber->tell_when_caught_up();
  auto told =
      std::async(std::launch::async, [&] { return subscriber->next(Subscriber::Time::max()); });
  // In small steps: the reader waits long before the last one.
  CHECK(testing::eventually([&] {
    const auto xmax = node.at.seen.xmax;
    if (xmax < ahead.position.seen.xmax) {
      node.hub.publish(testing::page_of(node.at, xmax + 1, {}));
      node.at = testing::quiet_at(xmax + 1);
    }
    return told.wait_for(milliseconds(0)) == std::future_status::ready;
  }));
  node.hub.close();
  CHECK(told.get().kind == Kind::kIdle);
  CHECK(subscriber->cursor().position == ahead.position);
}

TEST_CASE("A reader that had a part of a batch elsewhere gets the other part, and resumes in it",
          "[subscriber]") {
  HubFixture node(1);
  const auto late = node.log.begin();
  node.log.put(late, "orders", 9);   // seq 1
  node.log.commit_one("orders", 1);  // seq 2
  const auto elsewhere = Cursor{testing::kEpoch, node.log.position()}.encode();
  node.log.commit(late);
  node.log.commit_one("orders", 3);  // seq 3
  for (int page = 0; page < 3; ++page) node.publish_page();
  CHECK(drain(*node.subscribe(elsewhere)) == std::vector<std::int64_t>{1, 3});

  const auto id = id_after(*node.subscribe(elsewhere), 1);
  CHECK(drain(*node.subscribe(id)) == std::vector<std::int64_t>{3});
}

TEST_CASE("A batch that ends with an empty page ends for a reader that came from elsewhere too",
          "[subscriber]") {
  HubFixture node(1);
  node.log.set_looks_ahead(false);  // so that a last page that is full is followed by an empty one
  const auto tx = node.log.begin();
  node.log.put(tx, "orders", 1);  // seq 1
  const auto late = node.log.begin();
  node.log.put(late, "items", 9);    // seq 2
  node.log.commit_one("orders", 2);  // seq 3
  const auto elsewhere = Cursor{testing::kEpoch, node.log.position()}.encode();
  node.log.put(late, "orders", 3);  // seq 4
  node.log.commit(late);
  for (int page = 0; page < 4; ++page) node.publish_page();
  REQUIRE(node.hub.status().head.position == node.log.position());
  // A second batch, with a lower seq than the first one's last.
  node.log.commit(tx);
  node.log.commit_one("orders", 4);  // seq 5
  for (int page = 0; page < 3; ++page) node.publish_page();

  const auto id = id_after(*node.subscribe(elsewhere), 1);
  CHECK(drain(*node.subscribe(id)) == std::vector<std::int64_t>{5});
}

TEST_CASE("A reader whose history was dropped is told, and goes on at the head", "[subscriber]") {
  HubFixture fixture(1, kNoBacklog);
  const auto subscriber = fixture.subscribe();
  for (int i = 0; i < 3; ++i) fixture.commit_and_publish();
  fixture.log.drop_before(3);
  const auto reset = subscriber->next(kAtOnce);
  REQUIRE(reset.kind == Kind::kReset);
  CHECK(reset.reason == "retention");
  CHECK(subscriber->cursor() == fixture.hub.status().head);
  CHECK(subscriber->next(kAtOnce).kind == Kind::kIdle);
  fixture.commit_and_publish();
  CHECK(drain(*subscriber) == std::vector<std::int64_t>{4});
}

TEST_CASE("Retention does not touch who reads from memory", "[subscriber]") {
  HubFixture fixture;
  const auto subscriber = fixture.subscribe();
  for (int i = 0; i < 3; ++i) fixture.commit_and_publish();
  fixture.log.drop_before(4);
  CHECK(drain(*subscriber) == std::vector<std::int64_t>{1, 2, 3});
}

TEST_CASE("An id that the database never came to is answered by a reset", "[subscriber]") {
  HubFixture fixture;
  fixture.commit_and_publish();
  const auto subscriber =
      fixture.subscribe(Cursor{testing::kEpoch, {{5000, 5000, {}}, std::nullopt}}.encode());
  const auto reset = subscriber->next(kAtOnce);
  REQUIRE(reset.kind == Kind::kReset);
  CHECK(reset.reason == "epoch");
  CHECK(subscriber->next(kAtOnce).kind == Kind::kIdle);
  CHECK(subscriber->cursor() == fixture.hub.status().head);
}

TEST_CASE("When history begins again every reader is told once, before anything else",
          "[subscriber]") {
  HubFixture fixture;
  const auto subscriber = fixture.subscribe();
  fixture.commit_and_publish();
  fixture.hub.set_database_up(false);
  fixture.hub.start(Epoch{0xdef}, testing::MemoryLog().position(), "epoch");
  const auto reset = subscriber->next(kAtOnce);
  REQUIRE(reset.kind == Kind::kReset);
  CHECK(reset.reason == "epoch");
  CHECK(subscriber->cursor() == Cursor{Epoch{0xdef}, testing::MemoryLog().position()});
  CHECK(subscriber->next(kAtOnce).kind == Kind::kStatus);
  CHECK(subscriber->next(kAtOnce).kind == Kind::kIdle);
}

TEST_CASE("A reader is told when the database goes and comes", "[subscriber]") {
  HubFixture fixture;
  const auto subscriber = fixture.subscribe();
  fixture.hub.set_database_up(false);
  const auto down = subscriber->next(kAtOnce);
  REQUIRE(down.kind == Kind::kStatus);
  CHECK(down.reason == "down");
  CHECK(subscriber->next(kAtOnce).kind == Kind::kIdle);

  const auto late = fixture.subscribe();
  CHECK(late->next(kAtOnce).kind == Kind::kStatus);

  fixture.hub.set_database_up(true);
  const auto up = subscriber->next(kAtOnce);
  REQUIRE(up.kind == Kind::kStatus);
  CHECK(up.reason == "up");
}

TEST_CASE("A database that does not answer is asked again later, and nothing is lost",
          "[subscriber]") {
  HubFixture fixture(1, kNoBacklog);
  const auto subscriber = fixture.subscribe();
  for (int i = 0; i < 3; ++i) fixture.commit_and_publish();
  fixture.log.set_available(false);
  int reads = 0;
  fixture.log.set_interruption([&reads] { ++reads; });
  const auto before = subscriber->cursor();
  const auto begin = steady_clock::now();
  for (int i = 0; i < 5; ++i) CHECK(subscriber->next(kAtOnce).kind == Kind::kIdle);
  // Once, and again for each second that a busy machine may take.
  CHECK(reads >= 1);
  CHECK(reads <= 1 + (steady_clock::now() - begin) / std::chrono::seconds(1));
  CHECK(subscriber->cursor() == before);

  fixture.log.set_available(true);
  const auto delivery = subscriber->next(steady_clock::now() + testing::kPatience);
  REQUIRE(delivery.kind == Kind::kFrames);
  CHECK(seqs(delivery.frames) == std::vector<std::int64_t>{1});
  CHECK(drain(*subscriber) == std::vector<std::int64_t>{2, 3});
}

TEST_CASE("A reader that could do without the database after all waits in peace", "[subscriber]") {
  HubFixture node;
  node.log.commit_one("orders", 1);
  const auto subscriber = node.subscribe(Cursor{testing::kEpoch, node.log.position()}.encode());
  node.log.set_available(false);
  REQUIRE(subscriber->next(kAtOnce).kind == Kind::kIdle);
  node.log.set_available(true);
  node.publish_page();

  // Longer than until the database would be asked again. Should the wait never end, the other
  // thread ends it.
  const auto deadline = steady_clock::now() + milliseconds(1200);
  std::promise<void> waited;
  std::thread watchdog([&node, deadline, done = waited.get_future()] {
    if (done.wait_until(deadline + testing::kPatience) == std::future_status::timeout) {
      node.hub.close();
    }
  });
  CHECK(subscriber->next(deadline).kind == Kind::kIdle);
  waited.set_value();
  watchdog.join();
}

TEST_CASE("With nothing to send a reader waits until the deadline", "[subscriber]") {
  HubFixture fixture;
  const auto subscriber = fixture.subscribe();
  const auto deadline = steady_clock::now() + milliseconds(50);
  CHECK(subscriber->next(deadline).kind == Kind::kIdle);
  CHECK(steady_clock::now() >= deadline);
}

TEST_CASE("The present rows and the changes after them make the table", "[subscriber]") {
  HubFixture fixture(2);
  for (int id = 1; id <= 5; ++id) fixture.log.commit_one("orders", id);
  const auto late = fixture.log.begin();
  fixture.log.put(late, "orders", 6);
  const auto subscriber = fixture.subscribe();

  std::string rows;
  REQUIRE(subscriber->send_rows({"orders"}, sink_into(rows)));
  CHECK(rows_in(rows) == fixture.log.rows("orders"));
  CHECK(subscriber->cursor().position == fixture.log.position());

  // The listener comes later to what was in the rows.
  for (int page = 0; page < 3; ++page) fixture.publish_page();
  CHECK(drain(*subscriber).empty());
  fixture.log.commit(late);
  fixture.publish_page();
  CHECK(drain(*subscriber) == std::vector<std::int64_t>{6});
}

TEST_CASE("Rows that cannot be read are the caller's to know", "[subscriber]") {
  HubFixture fixture;
  const auto subscriber = fixture.subscribe();
  fixture.log.set_available(false);
  std::string rows;
  CHECK_THROWS_AS(subscriber->send_rows({"orders"}, sink_into(rows)), HistoryUnavailable);
}

// All up to the end, which comes without waiting.
std::vector<std::int64_t> drain_to_end(Subscriber& subscriber) {
  std::vector<std::int64_t> all;
  for (;;) {
    const auto delivery = subscriber.next(kAtOnce);
    if (delivery.kind == Kind::kEnd) return all;
    REQUIRE(delivery.kind == Kind::kFrames);
    for (const auto seq : seqs(delivery.frames)) all.push_back(seq);
  }
}

TEST_CASE("A reader that ends now has what was committed before, also what the hub has not read",
          "[subscriber]") {
  HubFixture fixture(2);
  const auto late = fixture.log.begin();
  fixture.log.put(late, "orders", 9);
  for (int id = 1; id <= 5; ++id) fixture.log.commit_one("orders", id);
  const auto subscriber = fixture.subscribe(kEarliest);
  subscriber->end_at(std::nullopt);
  const auto head = fixture.log.position();
  fixture.log.commit(late);
  for (int id = 1; id <= 5; ++id) fixture.log.commit_one("orders", id);
  CHECK(drain_to_end(*subscriber) == std::vector<std::int64_t>{2, 3, 4, 5, 6});
  CHECK(subscriber->cursor().position == head);
  // From there nothing is missed, and nothing comes twice.
  const auto next = fixture.subscribe(subscriber->cursor().encode());
  next->end_at(std::nullopt);
  CHECK(drain_to_end(*next) == std::vector<std::int64_t>{1, 7, 8, 9, 10, 11});
}

TEST_CASE("A reader ends after the change that its bound names", "[subscriber]") {
  HubFixture fixture(2);
  commit_many(fixture.log, 7);
  const auto all = fixture.subscribe(kEarliest);
  const auto third = Cursor::decode(id_after(*all, 3));
  const auto subscriber = fixture.subscribe(kEarliest);
  subscriber->end_at(third->position);
  CHECK(drain_to_end(*subscriber) == std::vector<std::int64_t>{1, 2, 3});
  CHECK(subscriber->cursor() == *third);
}

TEST_CASE("The ids on the way to an end resume without a loss", "[subscriber]") {
  HubFixture fixture(2);
  const auto late = fixture.log.begin();
  fixture.log.put(late, "orders", 9);
  for (int id = 1; id <= 4; ++id) fixture.log.commit_one("orders", id);
  const auto reader = fixture.subscribe(kEarliest);
  reader->end_at(std::nullopt);
  fixture.log.commit(late);
  const auto id = id_after(*reader, 3);
  const auto next = fixture.subscribe(id);
  next->end_at(std::nullopt);
  // The rest of that batch, then what was committed after it.
  CHECK(drain_to_end(*next) == std::vector<std::int64_t>{4, 5, 1});
}

TEST_CASE("An end that lies ahead of the log is now, one that lies behind is at once",
          "[subscriber]") {
  HubFixture fixture;
  fixture.log.commit_one("orders", 1);
  const auto ahead = fixture.subscribe(kEarliest);
  ahead->end_at(testing::quiet_at(1000));
  CHECK(drain_to_end(*ahead) == std::vector<std::int64_t>{1});
  const auto behind = fixture.subscribe(ahead->cursor().encode());
  behind->end_at(testing::quiet_at(3));
  CHECK(drain_to_end(*behind).empty());
  CHECK(behind->cursor() == ahead->cursor());
}

TEST_CASE("Where the way to the end is lost, a reset is the end", "[subscriber]") {
  HubFixture fixture;
  const auto start = Cursor{testing::kEpoch, fixture.log.position()}.encode();
  for (int id = 1; id <= 3; ++id) fixture.log.commit_one("orders", id);
  fixture.log.drop_before(3);
  const auto subscriber = fixture.subscribe(start);
  subscriber->end_at(std::nullopt);
  CHECK(subscriber->next(kAtOnce).kind == Kind::kReset);
  CHECK(subscriber->next(kAtOnce).kind == Kind::kEnd);
}

}  // namespace
}  // namespace ordercast::hub
