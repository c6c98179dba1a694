// Rows and changes of a filter, while writers write and clients are cut and come back to any of two
// nodes: no gap, no duplicate, nothing of another's rows. What is right is said by PostgreSQL,
// which asks the same in WHERE, of the table and of each row version in the log.
#include <algorithm>
#include <catch2/catch.hpp>
#include <chrono>
#include <memory>
#include <random>
#include <string>
#include <vector>

#include "support/event_client.h"
#include "support/node.h"
#include "support/orders_table.h"
#include "support/random_writers.h"
#include "support/told.h"

namespace ordercast {
namespace {

using namespace testing;

struct TestFilter {
  std::string query;
  std::string where;
};

// Each matches the row that marks the end, and loses and wins rows by what the writers do.
const std::vector<TestFilter> kFilters{
    {"merchant=in.(1,2,3)", "merchant IN (1, 2, 3)"},
    {"status=in.(created,paid%201,paid%202,paid%203)&total=gte.250.5",
     "status IN ('created', 'paid 1', 'paid 2', 'paid 3') AND total >= 250.5"},
    {"or=(total.lt.50,status.like.*ed,and(merchant.gt.7,note.not.is.null))",
     "total < 50 OR status LIKE '%ed' OR (merchant > 7 AND note IS NOT NULL)"},
    {"status=neq.paid%205&id=not.in.(1,2,3)", "status <> 'paid 5' AND id NOT IN (1, 2, 3)"},
    {"merchant=eq.1", "merchant = 1"},
};
constexpr char kMark[] =
    "INSERT INTO orders (id, merchant, status, total, note) VALUES (-1, 1, 'created', 1000, 'end')";

struct TestClient {
  const TestFilter* filter;
  bool sees_all;  // it began with the empty table, and is told every change
  std::unique_ptr<EventClient> client;
};

TestClient client_of(const ServedNode& node, const TestFilter& filter, bool sees_all,
                     const std::string& rows = "") {
  return {
      &filter, sees_all,
      std::make_unique<EventClient>(node.port(), EventClientOptions{.query = filter.query + rows,
                                                                    .from_empty = sees_all,
                                                                    .filtered = true,
                                                                    .keeps_shown = true})};
}

void check_told_view(OrdersTable& orders, const TestClient& each) {
  INFO(each.filter->query);
  const Committed committed(orders, each.filter->where);
  CHECK(each.client->rows() == committed.rows);
  for (const auto& fault : each.client->faults()) FAIL_CHECK(fault);
  CHECK(each.client->count("reset") == 0);
  CHECK(orders.count_outside(each.client->shown(), each.filter->where) == 0);
  if (each.sees_all) {
    CHECK(each.client->seqs() == committed.seqs);
  } else {
    CHECK(std::includes(committed.seqs.begin(), committed.seqs.end(), each.client->seqs().begin(),
                        each.client->seqs().end()));
  }
}

TEST_CASE("Rows and changes of a filter fold to what WHERE says, wherever the client is cut") {
  const auto seed = test_seed();
  INFO("ORDERCAST_TEST_SEED=" << seed);
  std::mt19937_64 random(seed);
  OrdersTable orders;
  const ServedNode one(orders.database(), {"--heartbeat-ms", "20"});
  const ServedNode two(orders.database(), {"--heartbeat-ms", "20"});
  const auto any_node = [&]() -> const ServedNode& { return random() % 2 == 0 ? one : two; };
  constexpr std::size_t kClients = 25;
  std::vector<TestClient> clients;
  clients.reserve(kClients);
  for (const auto& filter : kFilters) clients.push_back(client_of(any_node(), filter, true));

  RandomWriters writers(orders.database().url(),
                        {.transactions = 150, .seed = seed, .pause = std::chrono::milliseconds(5)});
  // Where the writers are done before many were cut, as under a sanitizer, some more are.
  constexpr int kCuts = 20;
  int cuts = 0;
  while (writers.running() || clients.size() < kClients || cuts < kCuts) {
    if (clients.size() < kClients) {
      const auto& filter = kFilters[random() % kFilters.size()];
      clients.push_back(
          client_of(any_node(), filter, false,
                    random() % 2 == 0 ? "&snapshot=true&order=total.desc,id" : "&snapshot=true"));
    }
    for (auto& [filter, sees_all, client] : clients) {
      if (random() % 8 != 0) {
        client->take_all();
        continue;
      }
      // In the middle of what has arrived: of a snapshot, a transaction, an event.
      for (auto i = random() % 20; i > 0 && client->take_one(); --i) {
      }
      client->drop();
      client->resume(any_node().port());
      ++cuts;
    }
  }
  writers.join();
  orders.exec(kMark);
  const std::string mark = R"({"id":"-1"})";
  for (auto& each : clients) {
    // Among rows that came so late the mark need not be the last.
    const int ready = each.sees_all ? 0 : 1;
    each.client->take_until(
        [&] { return each.client->count("ready") == ready && each.client->rows().contains(mark); });
    each.client->take_all();
    check_told_view(orders, each);
  }
}

}  // namespace
}  // namespace ordercast
