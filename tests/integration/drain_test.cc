// SIGTERM: a node that is to go lets its clients go one by one, and they lose nothing.
#include <fmt/format.h>

#include <algorithm>
#include <catch2/catch.hpp>
#include <chrono>
#include <csignal>
#include <future>
#include <memory>
#include <set>
#include <string>
#include <vector>

#include "support/event_client.h"
#include "support/eventually.h"
#include "support/node.h"
#include "support/orders_table.h"
#include "support/told.h"

namespace ordercast {
namespace {

using namespace testing;
using Clock = std::chrono::steady_clock;

// Longer than any test: what ends, ends for another reason.
constexpr char kForEverMs[] = "600000";

// Reads to the end of the stream; when that was.
Clock::time_point read_to_end(EventClient& client) {
  while (client.next()) {
  }
  return Clock::now();
}

TEST_CASE("On SIGTERM the streams end one after the other, and go on elsewhere without a loss") {
  constexpr int kClients = 50;
  constexpr std::chrono::milliseconds kWindow{2000};
  OrdersTable orders;
  ServedNode leaving(orders.database(), {"--drain-ms", std::to_string(kWindow.count())});
  ServedNode staying(orders.database());
  std::vector<std::unique_ptr<EventClient>> clients;
  std::vector<std::future<Clock::time_point>> ends;
  for (int i = 0; i < kClients; ++i) {
    auto& client = *clients.emplace_back(
        std::make_unique<EventClient>(leaving.port(), EventClientOptions{.from_empty = true}));
    ends.push_back(std::async(std::launch::async, [&client] { return read_to_end(client); }));
  }

  const auto begin = Clock::now();
  leaving.process().signal(SIGTERM);
  for (int id = 1; leaving.process().running(); ++id) {
    orders.exec(fmt::format("INSERT INTO orders (id) VALUES ({})", id));
  }
  CHECK(leaving.process().wait().success());

  std::vector<Clock::time_point> times;
  for (auto& end : ends) times.push_back(end.get());
  std::sort(times.begin(), times.end());
  // None before its turn: so the next node never sees more than so many come at a time.
  for (int i = 0; i < kClients; ++i) {
    INFO(i);
    CHECK(times[static_cast<std::size_t>(i)] - begin >= kWindow * i / kClients);
  }
  const Committed committed(orders);
  std::set<std::chrono::milliseconds> retries;
  for (auto& client : clients) {
    CHECK(client->stream().ended_properly());
    retries.insert(client->stream().decoder().retry().value());
    client->resume(staying.port());
    CHECK(client->hello().at("resumed") == true);
    client->take_until([&] { return client->last_seq() == committed.last_seq(); });
    check_told_all(*client, committed);
  }
  CHECK(retries.size() > kClients / 2);  // each its own
}

TEST_CASE(
    "A node that drains says so, sends newcomers away, and serves those who are still there") {
  const int second_signal = GENERATE(SIGTERM, SIGINT);
  OrdersTable orders;
  ServedNode node(orders.database(), {"--drain-ms", kForEverMs});
  // One of them leaves at once, the other in five minutes.
  EventClient clients[] = {EventClient(node.port()), EventClient(node.port())};
  node.process().signal(SIGTERM);
  REQUIRE(eventually([&] { return node.get("/readyz").status == 503; }));
  CHECK_THAT(node.get("/readyz").body, Catch::Contains("\"draining\""));
  CHECK(node.get("/livez").status == 200);

  // 200, because EventSource gives up for ever on anything else.
  EventStreamClient newcomer(node.port(), "/v1/streams/orders?snapshot=true");
  CHECK(newcomer.response().status == 200);
  CHECK(newcomer.next() == std::nullopt);
  CHECK(newcomer.ended_properly());
  CHECK(newcomer.decoder().retry().has_value());

  orders.exec("INSERT INTO orders (id) VALUES (1)");
  int told = 0;
  for (auto& client : clients) {
    if (client.next()) ++told;
  }
  CHECK(told == 1);

  node.process().signal(second_signal);
  CHECK(node.process().wait().success());
  for (auto& client : clients) {
    CHECK(client.next() == std::nullopt);
    CHECK(client.stream().ended_properly());
  }
}

TEST_CASE("The last thing that a stream says is when to come back") {
  const int signal = GENERATE(SIGTERM, SIGINT);
  OrdersTable orders;
  ServedNode node(orders.database());
  RawConnection connection(node.port());
  connection.send("GET /v1/streams/orders HTTP/1.1\r\nHost: localhost\r\n\r\n");
  const auto greeting = connection.read_until("event: hello");
  CHECK(node.stop(signal).success());
  const auto rest = connection.read_to_end();
  CHECK_THAT(rest, Catch::Contains("retry: "));
  CHECK_THAT(rest, Catch::EndsWith("0\r\n\r\n"));
}

TEST_CASE("Without streams a node ends at once, however long it may drain") {
  OrdersTable orders;
  ServedNode node(orders.database(), {"--drain-ms", kForEverMs});
  CHECK(node.stop(SIGTERM).success());
}

TEST_CASE("A stream that takes nothing does not hold up the end") {
  constexpr std::chrono::milliseconds kWindow{200};
  OrdersTable orders;
  // Nor would the write be given up.
  ServedNode node(orders.database(),
                  {"--drain-ms", std::to_string(kWindow.count()), "--write-stall-ms", kForEverMs});
  EventStreamClient stalled(node.port(), "/v1/streams/orders");
  static_cast<void>(stalled.next());
  // More than all the buffers between here and there hold.
  orders.exec(
      "INSERT INTO orders SELECT g, 1, 'x', 1, repeat('n', 500000) FROM generate_series(1, 40) g");
  EventClient other(node.port());
  orders.exec("INSERT INTO orders (id) VALUES (-1)");
  other.expect("insert");
  CHECK(node.stop(SIGTERM).success());
}

}  // namespace
}  // namespace ordercast
