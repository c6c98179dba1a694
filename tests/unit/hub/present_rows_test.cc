#include "hub/present_rows.h"

#include <catch2/catch.hpp>
#include <future>

#include "support/child_process.h"
#include "support/counted_reader.h"
#include "support/eventually.h"
#include "support/hub_fixture.h"
#include "support/pages.h"
#include "support/snapshot_rows.h"

namespace ordercast::hub {
namespace {

using namespace testing;
using std::chrono::hours;
using std::chrono::milliseconds;

struct RowsFixture {
  explicit RowsFixture(milliseconds fresh = milliseconds(0)) : rows(history, fresh) {
    for (int id = 1; id <= 6; ++id) log.commit_one("orders", id);
  }

  [[nodiscard]] std::optional<Position> send(const RowSink& sink,
                                             std::optional<Snapshot> at_least = std::nullopt) {
    return rows.send({.epoch = kEpoch, .view = view, .query = {"orders"}, .at_least = at_least},
                     log.position(), sink);
  }
  // A client of a thread of its own.
  [[nodiscard]] std::future<MemoryLog::Rows> client() {
    return std::async(std::launch::async, [this] {
      std::string text;
      auto sink = sink_into(text);
      sink.gone = [this] { return ++asked, false; };
      const auto position = send(sink);
      return position ? rows_in(text) : MemoryLog::Rows{};
    });
  }

  MemoryLog log{2};
  CountedReader reader{log};
  History history{reader, 0};
  PresentRows rows;
  ViewPtr view = std::make_shared<const View>("orders");
  std::atomic<int> asked = 0;  // whether they are still there, who wait for what another reads
};

// Holds the reads of a log until it is opened.
class Gate {
 public:
  explicit Gate(MemoryLog& log) {
    log.set_interruption([this] {
      std::call_once(once_, [this] { begun_.set_value(); });
      opened_.wait();
    });
  }
  void wait_for_a_read() { begun_.get_future().wait(); }
  void open() { open_.set_value(); }

 private:
  std::once_flag once_;
  std::promise<void> begun_;
  std::promise<void> open_;
  std::shared_future<void> opened_ = open_.get_future().share();
};

// Waits for the first piece, and then as long as it is told to.
struct SlowClient {
  [[nodiscard]] RowSink sink() {
    return {.send =
                [this](const Frames& frames, bool /*within*/) {
                  text += frames.text();
                  std::call_once(once, [this] { has_some.set_value(); });
                  go_on.wait();
                  return here.load();
                },
            .gone = [this] { return !here; }};
  }
  std::string text;
  std::once_flag once;
  std::promise<void> has_some;
  std::promise<void> let_go;
  std::shared_future<void> go_on = let_go.get_future().share();
  std::atomic<bool> here = true;
};

TEST_CASE("A thousand who ask for the same rows at once cost one read", "[present_rows]") {
  constexpr int kClients = 1000;
  RowsFixture it(hours(1));
  Gate gate(it.log);
  std::vector<std::future<MemoryLog::Rows>> clients;
  clients.push_back(it.client());
  gate.wait_for_a_read();
  for (int i = 1; i < kClients; ++i) clients.push_back(it.client());
  CHECK(eventually([&] { return it.asked >= kClients / 2; }));
  it.log.commit_one("orders", 7);  // their snapshot is not taken yet
  gate.open();
  const auto rows = it.log.rows("orders");
  for (auto& client : clients) CHECK(client.get() == rows);
  CHECK(it.reader.row_reads == 1);
}

TEST_CASE("Whoever comes alone has rows of his own", "[present_rows]") {
  RowsFixture it(hours(1));
  CHECK(it.client().get().size() == 6);
  it.log.commit_one("orders", 7);
  CHECK(it.client().get().size() == 7);
}

TEST_CASE("What a crowd has read is too old for those who come later", "[present_rows]") {
  for (const auto fresh : {milliseconds(0), milliseconds(hours(1))}) {
    RowsFixture it(fresh);
    Gate gate(it.log);
    auto first = it.client();
    gate.wait_for_a_read();
    // He joins: his client is asked only of what is read by another.
    std::promise<void> waits;
    std::once_flag once;
    auto second = std::async(std::launch::async, [&] {
      std::string text;
      auto sink = sink_into(text);
      sink.gone = [&] { return std::call_once(once, [&] { waits.set_value(); }), false; };
      return it.send(sink).has_value();
    });
    CHECK(waits.get_future().wait_for(kPatience) == std::future_status::ready);
    gate.open();
    CHECK(first.get().size() == 6);
    CHECK(second.get());
    CHECK(it.reader.row_reads == 1);
    it.log.commit_one("orders", 7);
    const bool shared = fresh > milliseconds(0);
    CHECK(it.client().get().size() == (shared ? 6 : 7));
    CHECK(it.reader.row_reads == (shared ? 1 : 2));
  }
}

TEST_CASE("Other views, orders, limits and epochs are other rows", "[present_rows]") {
  RowsFixture it(hours(1));
  Gate gate(it.log);
  auto first = it.client();
  gate.wait_for_a_read();
  std::vector<std::future<void>> others;
  const PresentRows::Wish same{.epoch = kEpoch, .view = it.view, .query = {"orders"}};
  auto limited = same;
  limited.query.limit = 3;
  auto other_epoch = same;
  other_epoch.epoch.id++;
  auto other_view = same;
  other_view.view = std::make_shared<const View>("orders");
  for (const auto& wish : {limited, other_epoch, other_view}) {
    others.push_back(std::async(std::launch::async, [&it, wish] {
      std::string text;
      (void)it.rows.send(wish, it.log.position(), sink_into(text));
    }));
  }
  gate.open();
  first.get();
  for (auto& other : others) other.get();
  CHECK(it.reader.row_reads == 4);
}

TEST_CASE("A slow client delays nobody", "[present_rows]") {
  RowsFixture it(hours(1));
  Gate gate(it.log);
  SlowClient slow;
  auto first = it.client();
  gate.wait_for_a_read();
  auto second = std::async(std::launch::async, [&] { return it.send(slow.sink()).has_value(); });
  auto third = it.client();
  gate.open();
  slow.has_some.get_future().wait();
  CHECK(first.get().size() == 6);
  CHECK(third.get().size() == 6);
  slow.let_go.set_value();
  CHECK(second.get());
  CHECK(rows_in(slow.text).size() == 6);
}

TEST_CASE("Who reads goes on for the others when his own client vanishes", "[present_rows]") {
  RowsFixture it(hours(1));
  Gate gate(it.log);
  std::atomic<bool> here = true;
  auto first = std::async(std::launch::async, [&] {
    std::string text;
    auto sink = sink_into(text);
    sink.gone = [&] { return !here; };
    return it.send(sink).has_value();
  });
  gate.wait_for_a_read();
  SlowClient second;
  second.let_go.set_value();
  std::promise<void> waits;
  std::once_flag once;
  auto sink = second.sink();
  sink.gone = [&] { return std::call_once(once, [&] { waits.set_value(); }), false; };
  auto sent = std::async(std::launch::async, [&] { return it.send(sink).has_value(); });
  CHECK(waits.get_future().wait_for(kPatience) == std::future_status::ready);
  here = false;
  gate.open();
  CHECK_FALSE(first.get());
  CHECK(sent.get());
  CHECK(rows_in(second.text).size() == 6);
  CHECK(it.reader.row_reads == 1);
}

TEST_CASE("The read stops when nobody wants the rows any more", "[present_rows]") {
  // Each page is asked of the log after the one before was taken.
  struct PagesReader : CountedReader {
    using CountedReader::CountedReader;
    Position read_rows(const Epoch&, const RowQuery&,
                       const std::function<bool(std::vector<SnapshotRow>)>& page) override {
      while (++pages < 10 && page({{R"({"id":1})", R"({"id":1})"}})) continue;
      return log.position();
    }
    int pages = 0;
  };
  MemoryLog log;
  PagesReader reader(log);
  History history(reader, 0);
  PresentRows rows(history);
  const RowSink gone{.send = [](const Frames&, bool) { return false; },
                     .gone = [] { return true; }};
  CHECK_FALSE(rows.send({kEpoch, std::make_shared<const View>("orders"), {"orders"}, {}},
                        log.position(), gone));
  CHECK(reader.pages == 1);
}

TEST_CASE("A read that fails is told to all who share it, and to nobody later", "[present_rows]") {
  RowsFixture it(hours(1));
  Gate gate(it.log);
  auto first = it.client();
  gate.wait_for_a_read();
  std::promise<void> waits;
  std::once_flag once;
  auto second = std::async(std::launch::async, [&] {
    std::string text;
    auto sink = sink_into(text);
    sink.gone = [&] { return std::call_once(once, [&] { waits.set_value(); }), false; };
    (void)it.send(sink);
  });
  CHECK(waits.get_future().wait_for(kPatience) == std::future_status::ready);
  it.log.set_available(false);
  gate.open();
  CHECK_THROWS_AS(first.get(), HistoryUnavailable);
  CHECK_THROWS_AS(second.get(), HistoryUnavailable);
  it.log.set_available(true);
  CHECK(it.client().get().size() == 6);
}

TEST_CASE("After a reset nobody joins rows of before it", "[present_rows]") {
  RowsFixture it(hours(1));
  Gate gate(it.log);
  auto first = it.client();
  gate.wait_for_a_read();
  it.log.commit_one("orders", 7);
  const auto reset = it.log.position().seen;
  auto second = std::async(std::launch::async, [&] {
    std::string text;
    const auto position = it.send(sink_into(text), reset);
    return position && position->seen.contains(reset);
  });
  gate.open();
  first.get();
  CHECK(second.get());
  CHECK(it.reader.row_reads == 2);
}

TEST_CASE("More rows than memory holds arrive whole, for each at his own speed", "[present_rows]") {
  constexpr int kPages = 40;
  const std::string text(100'000, 'x');
  RowShare share(quiet_at(5).seen, FrameFormat::kSse);
  REQUIRE(share.join(std::nullopt));
  std::size_t early = 0;
  auto sharer = std::async(std::launch::async, [&] {
    return share.send_to(
        {.send = [&](const Frames& frames,
                     bool /*within*/) { return early += frames.text().size(), true; },
         .gone = [] { return false; }});
  });
  for (int i = 0; i < kPages; ++i) REQUIRE(share.append({text}));
  share.end(quiet_at(9));
  CHECK(sharer.get() == quiet_at(9));
  CHECK(early == kPages * text.size());
  std::string late;
  CHECK(share.send_to(sink_into(late)) == quiet_at(9));
  CHECK(late == std::string(kPages * text.size(), 'x'));
  CHECK_FALSE(share.worth_keeping());
}

TEST_CASE("What is sent of rows are whole frames, but for those that are large", "[present_rows]") {
  RowShare share(quiet_at(5).seen, FrameFormat::kSse);
  const std::string frame = std::string(998, 'x') + "\n\n";
  const std::string large = std::string(3 * RowShare::kPartBytes, 'y') + "\n\n";
  std::string all;
  for (int i = 0; i < 2000; ++i) all += frame;
  all += large;
  for (int i = 0; i < 100; ++i) all += frame;
  REQUIRE(share.append({frame}));
  REQUIRE(share.append({all}));  // too much for memory
  share.end(quiet_at(9));

  std::string text;
  std::size_t torn = 0;
  const RowSink sink{.send =
                         [&](const Frames& frames, bool within) {
                           CHECK(within == !(text.empty() || text.ends_with("\n\n")));
                           text += frames.text();
                           if (!frames.text().ends_with("\n\n")) ++torn;
                           if (text.size() > frame.size()) {
                             CHECK(frames.text().size() <= RowShare::kPartBytes);
                           }
                           return true;
                         },
                     .gone = [] { return false; }};
  CHECK(share.send_to(sink) == quiet_at(9));
  CHECK(text == frame + all);
  CHECK(torn == 3);
}

}  // namespace
}  // namespace ordercast::hub
