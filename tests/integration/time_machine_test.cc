// A stream that ends: what happened, in curl.
#include <algorithm>
#include <catch2/catch.hpp>
#include <iterator>
#include <memory>
#include <set>

#include "core/cursor.h"
#include "support/event_client.h"
#include "support/node.h"
#include "support/orders_table.h"
#include "support/random_writers.h"

namespace ordercast {
namespace {

using namespace testing;

// Reads to the proper end of the stream.
std::unique_ptr<EventClient> read_all(const ServedNode& node, const std::string& query,
                                      const std::string& cursor = {}) {
  auto client = std::make_unique<EventClient>(node.port(),
                                              EventClientOptions{.query = query, .cursor = cursor});
  while (client->next()) continue;
  CHECK(client->stream().ended_properly());
  CHECK(client->count("end") == 1);
  return client;
}

TEST_CASE("What happened to order 42 is told, and then the stream ends") {
  OrdersTable orders;
  orders.exec("INSERT INTO orders (id, status) VALUES (41, 'new'), (42, 'new')");
  orders.exec("UPDATE orders SET status = 'paid'");
  orders.exec("DELETE FROM orders WHERE id = 42");
  ServedNode node(orders.database());
  const auto client = read_all(node, "last_event_id=earliest&id=eq.42&until=now");
  CHECK(client->count("insert") == 1);
  CHECK(client->count("update") == 1);
  CHECK(client->count("delete") == 1);
  orders.exec("INSERT INTO orders (id) VALUES (42)");
  // Where it ended it goes on.
  CHECK(read_all(node, "id=eq.42&until=now", client->cursor())->seqs() ==
        std::set{orders.last_seq()});
}

TEST_CASE("Whatever was committed before the request is told, and the table is as it was") {
  const auto seed = test_seed();
  INFO("ORDERCAST_TEST_SEED=" << seed);
  OrdersTable orders;
  ServedNode node(orders.database());
  RandomWriters writers(orders.database().url(), {.transactions = 100, .seed = seed});
  while (writers.running()) {
    const auto before = orders.seqs();
    const auto history = read_all(node, "last_event_id=earliest&until=now");
    const auto& told = history->seqs();
    CHECK(std::includes(told.begin(), told.end(), before.begin(), before.end()));
    CHECK(history->faults() == std::vector<std::string>{});
  }
  writers.join();
  CHECK(read_all(node, "last_event_id=earliest&until=now")->seqs() == orders.seqs());
  // Nobody writes any more: rows that others have read a moment ago are completed.
  CHECK(read_all(node, "snapshot=true&until=now")->rows() == orders.rows());
}

TEST_CASE("A stream ends at the event that until names") {
  OrdersTable orders;
  orders.exec("INSERT INTO orders (id) SELECT generate_series(1, 2500)");
  ServedNode node(orders.database());
  EventClient client(node.port(), {.query = "last_event_id=earliest"});
  client.take_until([&] { return client.count("insert") == 1700; });
  const auto part = read_all(node, "last_event_id=earliest&until=" + client.cursor());
  CHECK(part->seqs() == client.seqs());
  CHECK(part->cursor() == client.cursor());
}

TEST_CASE("Times choose changes by when they were made") {
  OrdersTable orders;
  std::vector<std::string> times;
  for (int id = 1; id <= 4; ++id) {
    orders.exec("INSERT INTO orders (id) VALUES (" + std::to_string(id) + ")");
    times.push_back(orders.database().scalar(
        "SELECT to_char(at AT TIME ZONE 'UTC', 'YYYY-MM-DD\"T\"HH24:MI:SS.US\"Z\"')"
        " FROM ordercast.change_log ORDER BY seq DESC LIMIT 1"));
  }
  const auto all = orders.seqs();
  ServedNode node(orders.database());
  const auto window = read_all(node, "since=" + times[1] + "&until=" + times[2]);
  CHECK(window->seqs() == std::set{*std::next(all.begin()), *std::next(all.begin(), 2)});
  CHECK(read_all(node, "last_event_id=earliest&until=" + times[0])->seqs() ==
        std::set{*all.begin()});
  // With since alone it goes on live.
  EventClient live(node.port(), {.query = "since=" + times[3]});
  live.expect("insert");
  orders.exec("INSERT INTO orders (id) VALUES (5)");
  CHECK(live.expect("insert").at("key").at("id") == "5");
}

TEST_CASE("What makes no sense is refused with what to do") {
  OrdersTable orders;
  ServedNode node(orders.database());
  const std::string foreign = Cursor{Epoch{1}, {{5, 5, {}}, std::nullopt}}.encode();
  const std::vector<std::pair<std::string, std::string>> bad = {
      {"until=now", "say from where"},
      {"until=tomorrow&last_event_id=earliest", "'now', a time such as"},
      {"until=" + foreign + "&last_event_id=earliest", "another history"},
      {"since=yesterday", "a time was expected"},
      {"since=2026-02-01&until=2026-01-01", "before since"},
      {"snapshot=true&since=2026-01-01", "the present rows are of now"},
      {"snapshot=true&until=2026-01-01", "the present rows are of now"},
      {"seq=3", "/v1/streams/orders/explain"},
  };
  for (const auto& [query, problem] : bad) {
    INFO(query);
    const auto response = node.get("/v1/streams/orders?" + query);
    CHECK(response.status == 400);
    CHECK_THAT(response.body, Catch::Contains(problem));
  }
}

}  // namespace
}  // namespace ordercast
