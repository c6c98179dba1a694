// last_event_id=earliest: all that the log still keeps, whatever is written and emptied meanwhile.
#include <catch2/catch.hpp>
#include <future>
#include <memory>
#include <string>
#include <vector>

#include "support/event_client.h"
#include "support/eventually.h"
#include "support/node.h"
#include "support/orders_table.h"
#include "support/random_writers.h"

namespace ordercast {
namespace {

using namespace testing;

// Any transaction of the server that began earlier holds prune up: autovacuum's, for a moment.
bool nothing_holds_prune_up(OrdersTable& orders) {
  return orders.database().scalar(
             "SELECT tx < pg_snapshot_xmin(pg_current_snapshot()) FROM ordercast.change_log"
             " ORDER BY tx DESC LIMIT 1") == "t";
}

bool prunes_a_leaf(OrdersTable& orders) {
  return eventually(
      [&] { return orders.database().scalar("SELECT emptied FROM ordercast.prune()") == "1"; });
}

// All changes so far become as old as that, and those of their slot.
void age(OrdersTable& orders) {
  orders.exec(
      "UPDATE ordercast.change_log SET at = now() - interval '7 days',"
      "  slot = (floor(date_part('epoch', now()) / 86400)::bigint - 7) % 8");
}

TEST_CASE("The earliest is asked for in the header or in the query") {
  OrdersTable orders;
  orders.exec("INSERT INTO orders (id) VALUES (1)");
  orders.exec("INSERT INTO orders (id) VALUES (2)");
  ServedNode node(orders.database());
  for (const auto& options :
       std::vector<EventClientOptions>{{.cursor = "earliest", .from_empty = true},
                                       {.query = "last_event_id=earliest", .from_empty = true},
                                       {.query = "lastEventId=earliest", .from_empty = true}}) {
    EventClient client(node.port(), options);
    CHECK(client.hello().at("resumed") == true);
    // The stream is as old as its table's watch, which says `reload`.
    client.take_until([&] { return client.count("insert") == 2; });
    CHECK(client.seqs() == orders.seqs());
    CHECK(client.rows() == orders.rows());
    CHECK(client.faults().empty());
  }
}

TEST_CASE("What is no longer kept is not replayed, and not missed") {
  OrdersTable orders;
  orders.exec("INSERT INTO orders (id) VALUES (1)");
  // One that is not kept whole: a part of it is a day younger.
  orders.exec("BEGIN; INSERT INTO orders (id) VALUES (2)");
  age(orders);
  orders.exec("INSERT INTO orders (id) VALUES (3); COMMIT");
  REQUIRE(prunes_a_leaf(orders));
  REQUIRE(orders.seqs().size() == 1);
  orders.exec("INSERT INTO orders (id) VALUES (4)");
  ServedNode node(orders.database());
  EventClient client(node.port(), {.cursor = "earliest"});
  CHECK(client.expect("insert").at("key").at("id") == "4");
  const auto id = client.cursor();
  orders.exec("INSERT INTO orders (id) VALUES (5)");
  CHECK(client.expect("insert").at("key").at("id") == "5");
}

TEST_CASE("A leaf that is being emptied is all there or all gone") {
  OrdersTable orders;
  orders.exec("INSERT INTO orders (id) VALUES (0)");
  age(orders);
  // A node looks once a minute: nothing must hold up what it does first.
  REQUIRE(eventually([&] { return nothing_holds_prune_up(orders); }));
  ServedNode node(orders.database());
  // It has kept house, so that the next leaf is for us,
  REQUIRE(eventually([&] { return orders.seqs().empty(); }));
  orders.exec("INSERT INTO orders (id) VALUES (1)");
  age(orders);
  EventClient live(node.port());
  orders.exec("INSERT INTO orders (id) VALUES (2)");
  live.take_until([&] { return live.count("insert") == 1; });  // and its listener is past that
  const auto session = orders.session();
  auto pruning = std::make_unique<pqxx::work>(*session);
  REQUIRE(eventually(
      [&] { return pruning->exec1("SELECT emptied FROM ordercast.prune()")[0].as<int>() == 1; }));
  const bool commits = GENERATE(true, false);
  auto client = std::async(std::launch::async, [&] {
    return std::make_unique<EventClient>(node.port(), EventClientOptions{.cursor = "earliest"});
  });
  REQUIRE(eventually([&] {
    return orders.database().scalar("SELECT count(*) FROM pg_locks WHERE NOT granted") != "0";
  }));
  if (commits) {
    pruning->commit();
  } else {
    pruning->abort();
  }
  const auto connected = client.get();
  CHECK(connected->hello().at("resumed") == true);
  connected->take_until([&] { return connected->count("insert") == (commits ? 1 : 2); });
  CHECK(connected->seqs() == orders.seqs());
  // It was greeted where nothing is missing: the id of the greeting resumes there.
  EventClient again(node.port(), {.cursor = connected->cursor()});
  CHECK(again.hello().at("resumed") == true);
}

TEST_CASE("Whenever it is asked for among concurrent writers, every change comes once") {
  const auto seed = test_seed();
  INFO("ORDERCAST_TEST_SEED=" << seed);
  OrdersTable orders;
  ServedNode node(orders.database());
  std::vector<std::unique_ptr<EventClient>> clients;
  RandomWriters writers(orders.database().url(), {.seed = seed});
  while (writers.running() && clients.size() < 20) {
    clients.push_back(std::make_unique<EventClient>(
        node.port(), EventClientOptions{.cursor = "earliest", .from_empty = true}));
    for (auto& client : clients) client->take_all();
  }
  writers.join();
  const auto all = orders.seqs();
  for (auto& client : clients) {
    client->take_until([&] { return client->seqs().size() >= all.size(); });
    CHECK(client->seqs() == all);
    CHECK(client->rows() == orders.rows());
    CHECK(client->faults().empty());
  }
}

TEST_CASE("While the database is away, who asks for the earliest is let try again") {
  OrdersTable orders;
  ServedNode node(orders.database());
  pqxx::connection elsewhere(test_cluster().conninfo("postgres"));
  pqxx::nontransaction(elsewhere).exec("ALTER DATABASE " + orders.database().name() +
                                       " ALLOW_CONNECTIONS false");
  REQUIRE(orders.terminate_sessions() > 0);
  EventStreamClient client(node.port(), "/v1/streams/orders?last_event_id=earliest");
  CHECK(client.response().status == 200);
  CHECK(client.next_of_type("status").data == R"({"database":"down"})");
  CHECK(client.next() == std::nullopt);
  CHECK(client.ended_properly());
  CHECK(client.decoder().retry().has_value());
}

}  // namespace
}  // namespace ordercast
