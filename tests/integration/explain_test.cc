// Why an event came, or did not.
#include <catch2/catch.hpp>
#include <nlohmann/json.hpp>

#include "core/cursor.h"
#include "support/event_client.h"
#include "support/node.h"
#include "support/orders_table.h"

namespace ordercast {
namespace {

using namespace testing;
using nlohmann::json;

TEST_CASE("An event is explained by its id or its number") {
  OrdersTable orders;
  orders.exec("INSERT INTO orders (id, status) VALUES (1, 'new'), (2, 'paid')");
  orders.exec("UPDATE orders SET status = 'paid' WHERE id = 1");
  const auto seqs = orders.seqs();
  ServedNode node(orders.database());
  const auto explain = [&](const std::string& query) {
    const auto response = node.get("/v1/streams/orders/explain?" + query);
    INFO(query << ": " << response.body);
    REQUIRE(response.status == 200);
    CHECK(response.header("Content-Type") == "application/json");
    return json::parse(response.body);
  };
  EventClient client(node.port(), {.query = "last_event_id=earliest"});
  client.expect("insert");
  // One of several of its batch: its id names it.
  const json first = {{"seq", *seqs.begin()},
                      {"op", "insert"},
                      {"key", {{"id", "1"}}},
                      {"old_row_matches", nullptr},
                      {"new_row_matches", false},
                      {"event", nullptr},
                      {"reason", "No row of it matches the filter."}};
  CHECK(explain("status=eq.paid&event=" + client.cursor()) == first);
  client.expect("insert");
  client.expect("update");
  const auto last = std::to_string(*seqs.rbegin());
  const auto update = explain("status=eq.paid&seq=" + last + "&event=" + client.cursor());
  CHECK(update.at("op") == "update");
  CHECK(update.at("old_row_matches") == false);
  CHECK(update.at("new_row_matches") == true);
  CHECK(update.at("event") == "insert");
  CHECK(explain("events=delete&seq=" + last).at("event") == nullptr);
  CHECK(explain("until=2001-01-01&seq=" + last).at("event") == nullptr);
}

TEST_CASE("What cannot be explained is refused with what to do") {
  OrdersTable orders;
  orders.exec("INSERT INTO orders (id) VALUES (1), (2)");
  orders.exec("CREATE TABLE items (id int PRIMARY KEY); SELECT ordercast.watch('public.items')");
  ServedNode node(orders.database());
  EventClient client(node.port(), {.query = "last_event_id=earliest"});
  client.expect("insert");
  const auto inside = client.cursor();
  client.expect("insert");
  const auto end = client.cursor();
  const std::string foreign = Cursor{Epoch{1}, {{5, 5, {}}, std::nullopt}}.encode();
  const auto seq = std::to_string(client.last_seq());
  struct Bad {
    std::string path;
    int status;
    std::string problem;
  };
  const std::vector<Bad> bad = {
      {"orders/explain", 400, "say which"},
      {"orders/explain?seq=x", 400, "the number"},
      {"orders/explain?event=x", 400, "the id of an event"},
      {"orders/explain?event=" + foreign, 400, "another history"},
      {"orders/explain?event=" + end, 400, "add seq="},
      {"orders/explain?event=" + inside + "&seq=" + seq, 400, "another event"},
      {"orders/explain?totl=eq.1&seq=" + seq, 400, "no column 'totl'"},
      {"orders/explain?seq=999999", 404, "no change 999999"},
      {"items/explain?seq=" + seq, 404, "another stream"},
      {"nothing/explain?seq=" + seq, 404, "there is no stream"},
  };
  for (const auto& [path, status, problem] : bad) {
    INFO(path);
    const auto response = node.get("/v1/streams/" + path);
    CHECK(response.status == status);
    CHECK_THAT(response.body, Catch::Contains(problem));
  }
  orders.exec(
      "UPDATE ordercast.history SET floor_tx = (SELECT max(tx::text::bigint)::text::xid8"
      " FROM ordercast.change_log)");
  CHECK(node.get("/v1/streams/orders/explain?seq=" + seq).status == 404);
}

}  // namespace
}  // namespace ordercast
