// A stream that begins with rows while the database is away.
#include "http/event_stream.h"

#include <fmt/format.h>

#include <atomic>
#include <catch2/catch.hpp>
#include <functional>
#include <memory>
#include <optional>
#include <string>

#include "http/server.h"
#include "http/stream_handler.h"
#include "support/access_log.h"
#include "support/counted_reader.h"
#include "support/eventually.h"
#include "support/http_client.h"
#include "support/hub_fixture.h"

namespace ordercast::testing {
namespace {

constexpr auto kWithRows = "/v1/streams/orders?snapshot=true";
constexpr auto kDown = R"({"database":"down"})";
constexpr auto kUp = R"({"database":"up"})";

struct Served {
  // `rows` is called in the midst of each read of rows, when some were passed on.
  explicit Served(std::function<void()> rows = [] {}) : reader(log, std::move(rows)) {
    log.commit_one("orders", 1);
    log.commit_one("orders", 2);
    auto catalog = std::make_shared<Catalog>();
    (*catalog)["orders"].name = "orders";
    hub.set_catalog(catalog);
    hub.set_database_up(true);
    hub.start(kEpoch, log.position(), "epoch");
    http::add_stream_routes(server, hub, {});
    server.start("127.0.0.1", 0);
  }
  ~Served() {
    hub.close();
    server.stop();
  }

  void set_database_up(bool up) {
    log.set_available(up);
    hub.set_database_up(up);
  }

  struct Reader : CountedReader {
    Reader(MemoryLog& its_log, std::function<void()> its_rows)
        : CountedReader(its_log), rows(std::move(its_rows)) {}
    Position read_rows(const Epoch& epoch, const RowQuery& query,
                       const std::function<bool(std::vector<SnapshotRow>)>& page) override {
      try {
        return CountedReader::read_rows(epoch, query, [&](std::vector<SnapshotRow> some) {
          const bool goes_on = page(std::move(some));
          rows();
          return goes_on;
        });
      } catch (const HistoryUnavailable&) {
        refused();
        throw;
      }
    }
    const std::function<void()> rows;
    // Called when a read was refused.
    std::function<void()> refused = [] {};
  };

  MemoryLog log{1};
  Reader reader;
  hub::Hub hub{reader, {.heartbeat = std::chrono::milliseconds(50)}};
  http::Server server;
};

std::string next_data(EventStreamClient& client, const std::string& type) {
  const auto event = client.next();
  REQUIRE(event);
  CHECK(event->type == type);
  return event->data;
}

// The database is told of once more, in place of heartbeats, as long as it takes.
void expect_rows(EventStreamClient& client) {
  auto event = client.next();
  while (event && event->data == kDown) event = client.next();
  REQUIRE(event);
  CHECK(event->data == kUp);
  CHECK(client.next()->type == "insert");
  CHECK(client.next()->type == "insert");
  CHECK(client.next()->type == "ready");
}

TEST_CASE("Rows that are asked for while the database is away come when it is back", "[stream]") {
  Served site;
  site.set_database_up(false);
  EventStreamClient client(site.server.port(), kWithRows);
  CHECK(client.next()->type == "hello");
  // With each heartbeat: a silent stream would be taken for a dead one.
  for (int i = 0; i < 3; ++i) CHECK(next_data(client, "status") == kDown);
  CHECK(site.reader.row_reads == 0);
  site.set_database_up(true);
  expect_rows(client);
}

TEST_CASE("Rows that a database refuses which is there are asked for once more", "[stream]") {
  Served site;
  site.log.set_available(false);
  const bool comes_back = GENERATE(true, false);
  if (comes_back) site.reader.refused = [&] { site.log.set_available(true); };
  EventStreamClient client(site.server.port(), kWithRows);
  CHECK(client.next()->type == "hello");
  CHECK(next_data(client, "status") == kDown);
  if (comes_back) {
    // It had only just gone, or come.
    expect_rows(client);
  } else {
    // They are refused for good: the client is sent away, to come back.
    while (const auto event = client.next()) CHECK(event->data == kDown);
    CHECK_FALSE(client.ended_properly());
    CHECK(client.decoder().retry().has_value());
    CHECK(site.reader.row_reads == 2);
  }
}

TEST_CASE("A history that begins meanwhile is where the rows are read", "[stream]") {
  Served site;
  site.set_database_up(false);
  EventStreamClient client(site.server.port(), kWithRows);
  client.next_of_type("status");
  const Epoch other{kEpoch.id + 1};
  site.hub.start(other, site.log.position(), "epoch");
  site.set_database_up(true);
  expect_rows(client);
  CHECK(Cursor::decode(client.decoder().last_event_id())->epoch == other);
}

TEST_CASE("Who waits for rows goes with the server, and is told to come back", "[stream]") {
  const AccessLog log;
  Served site;
  site.set_database_up(false);
  EventStreamClient client(site.server.port(), kWithRows);
  client.next_of_type("status");
  std::string reason;
  SECTION("at once") {
    site.hub.close();
    reason = "shutdown";
  }
  SECTION("in its turn") {
    site.hub.drain(std::chrono::milliseconds(0));
    reason = "drain";
  }
  while (const auto event = client.next()) CHECK(event->data == kDown);
  CHECK(client.ended_properly());
  CHECK(log.wait_for("stream ended").at("reason") == reason);
}

TEST_CASE("Who leaves while he waits for rows is let go", "[stream]") {
  Served site;
  site.set_database_up(false);
  {
    EventStreamClient client(site.server.port(), kWithRows);
    client.next_of_type("status");
  }
  CHECK(eventually([&] { return site.hub.status().subscribers == 0; }));
}

// Two in the midst of the same rows: one reads them, and has sent none; the other has sent what was
// read, and waits for more.
struct AmongRows {
  explicit AmongRows(Served& site) : reads(site.server.port(), kWithRows) {
    CHECK(reads.next()->type == "hello");
    REQUIRE(eventually([&] { return site.reader.row_reads == 1; }));
    sends.emplace(site.server.port(), kWithRows);
    CHECK(sends->next()->type == "hello");
    CHECK(sends->next()->type == "insert");
  }
  EventStreamClient reads;
  std::optional<EventStreamClient> sends;
};

TEST_CASE("Rows that break off are told why, and do not look complete", "[stream]") {
  std::atomic<bool> broken = false;
  Served site([&] {
    static_cast<void>(eventually([&] { return broken.load(); }));
    throw HistoryUnavailable("the database has gone");
  });
  AmongRows rows(site);
  broken = true;
  CHECK(next_data(*rows.sends, "status") == kDown);
  CHECK_FALSE(rows.sends->next());
  CHECK_FALSE(rows.sends->ended_properly());
  // Who has not begun can wait.
  CHECK(next_data(rows.reads, "status") == kDown);
}

TEST_CASE("Who is in the middle of rows goes with the server, and asks for all of them again",
          "[stream]") {
  const AccessLog log;
  std::atomic<bool> go_on = false;
  Served site([&] { static_cast<void>(eventually([&] { return go_on.load(); })); });
  AmongRows rows(site);
  std::string reason;
  SECTION("at once") {
    site.hub.close();
    reason = "shutdown";
  }
  SECTION("in its turn") {
    site.hub.drain(std::chrono::milliseconds(0));
    reason = "drain";
  }
  CHECK_FALSE(rows.sends->next());
  CHECK(rows.sends->ended_properly());
  CHECK(rows.sends->decoder().last_event_id().empty());
  CHECK(log.wait_for("stream ended").at("reason") == reason);
  go_on = true;
  CHECK_FALSE(rows.reads.next());
  CHECK(rows.reads.ended_properly());
}

// Its rows fill more than all the buffers between a server and its client.
struct LargeRows : CountedReader {
  using CountedReader::CountedReader;
  Position read_rows(const Epoch& /*epoch*/, const RowQuery& /*query*/,
                     const std::function<bool(std::vector<SnapshotRow>)>& page) override {
    const std::string text(600'000, 'x');
    for (int id = 0; id < count; ++id) {
      const auto key = fmt::format(R"({{"id":{}}})", id);
      if (!page({{key, fmt::format(R"({{"id":{},"text":"{}"}})", id, text)}})) break;
    }
    at_end();
    return log.position();
  }
  int count = 40;
  std::function<void()> at_end = [] {};
};

TEST_CASE("What is said among rows does not fall into the midst of one", "[stream]") {
  const auto* accepts = GENERATE("text/event-stream", "application/x-ndjson");
  MemoryLog memory;
  LargeRows rows(memory);
  hub::Hub hub(rows, {});
  auto catalog = std::make_shared<Catalog>();
  (*catalog)["orders"].name = "orders";
  hub.set_catalog(catalog);
  hub.set_database_up(true);
  hub.start(kEpoch, memory.position(), "epoch");
  http::Server server;
  http::add_stream_routes(server, hub, {});
  server.start("127.0.0.1", 0);

  const auto ask = [&](RawConnection& client) {
    client.send(fmt::format("GET {} HTTP/1.0\r\nHost: localhost\r\nAccept: {}\r\n\r\n", kWithRows,
                            accepts));
  };
  RawConnection client(server.port());
  SECTION("the server's goodbye") {
    ask(client);
    static_cast<void>(client.read_until("insert"));
    hub.drain(std::chrono::milliseconds(0));
  }
  SECTION("that the database has failed") {
    std::atomic<bool> read = false;
    std::atomic<bool> go_on = false;
    rows.at_end = [&] {
      read = true;
      static_cast<void>(eventually([&] { return go_on.load(); }));
      rows.count = 0;  // when they are asked for again
      throw HistoryUnavailable("gone");
    };
    RawConnection reads(server.port());
    ask(reads);
    REQUIRE(eventually([&] { return read.load(); }));
    // Sends what the other one has read.
    ask(client);
    static_cast<void>(client.read_until("insert"));
    go_on = true;
    static_cast<void>(reads.read_to_end());
  }
  const auto rest = client.read_to_end();
  // The retry is a frame of its own, and the last one.
  const bool sse = std::string_view(accepts) == "text/event-stream";
  const auto last = rest.rfind(sse ? "retry: " : R"({"event":"retry")");
  REQUIRE(last != rest.npos);
  CHECK(rest.substr(0, last).ends_with(sse ? "}\n\n" : "}\n"));
  CHECK(rest.find("ready") == rest.npos);
  hub.close();
  server.stop();
}

}  // namespace
}  // namespace ordercast::testing
