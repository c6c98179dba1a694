// A database that answers nothing any more, though its connections stand: no TCP time-out comes.
#include <catch2/catch.hpp>
#include <chrono>
#include <csignal>
#include <string>
#include <vector>

#include "support/event_client.h"
#include "support/node.h"
#include "support/orders_table.h"

namespace ordercast {
namespace {

using namespace testing;

// The processes that serve Ordercast's sessions, stopped while this lives.
class StoppedSessions {
 public:
  explicit StoppedSessions(OrdersTable& orders) {
    for (const auto& row :
         orders.exec("SELECT pid FROM pg_stat_activity WHERE datname = current_database()"
                     " AND application_name LIKE 'ordercast%'")) {
      processes_.push_back(row[0].as<pid_t>());
      ::kill(processes_.back(), SIGSTOP);
    }
  }
  ~StoppedSessions() {
    for (const auto process : processes_) ::kill(process, SIGCONT);
  }
  StoppedSessions(const StoppedSessions&) = delete;
  StoppedSessions& operator=(const StoppedSessions&) = delete;
  [[nodiscard]] std::size_t count() const { return processes_.size(); }

 private:
  std::vector<pid_t> processes_;
};

TEST_CASE("Sessions that hang are noticed, told, and replaced; nothing is lost") {
  OrdersTable orders;
  std::string begin;
  {
    ServedNode earlier(orders.database());
    begin = EventClient(earlier.port()).cursor();
    orders.exec("INSERT INTO orders (id) VALUES (1)");
  }
  // It has not read what went before: whoever resumes there has it read by a session of its own.
  ServedNode node(orders.database());
  EventClient live(node.port(), {.query = "snapshot=true"});
  live.take_until([&] { return live.count("ready") == 1; });
  const StoppedSessions stopped(orders);
  REQUIRE(stopped.count() == 2);  // listener, reader
  EventClient late(node.port(), {.cursor = begin, .from_empty = true});
  orders.exec("INSERT INTO orders (id) VALUES (2)");

  // After 10 s, the server's own limit; without it, never.
  REQUIRE(live.next());
  CHECK(live.count("status") == 1);
  for (auto* client : {&live, &late}) {
    client->take_until([&] { return client->rows().size() == 2; });
    CHECK(client->rows() == orders.rows());
    CHECK(client->faults() == std::vector<std::string>{});
    CHECK(client->count("reset") == 0);
  }
  CHECK(live.count("status") == 2);
  node.wait_until_ready();
}

}  // namespace
}  // namespace ordercast
