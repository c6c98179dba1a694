// When the stream cannot be joined to what the client has, it says so inside the stream, with the
// reason, and goes on.
#include <fmt/format.h>

#include <catch2/catch.hpp>
#include <memory>
#include <string>
#include <vector>

#include "core/cursor.h"
#include "support/event_client.h"
#include "support/node.h"
#include "support/orders_table.h"

namespace ordercast {
namespace {

using namespace testing;

// A table of two rows whose history is not kept any more, served by a node that never saw it; and
// the ways to lose one's place in it.
class Reset {
 public:
  Reset() {
    {
      ServedNode earlier(orders_.database());
      EventClient client(earlier.port());
      orders_.exec("INSERT INTO orders (id) VALUES (1), (2)");
      client.expect("insert");
      begin_ = Cursor::decode(client.cursor()).value();
      client.expect("insert");
      end_ = Cursor::decode(client.cursor()).value();
    }
    // As ordercast.prune() does it.
    orders_.exec(
        "UPDATE ordercast.history SET floor_tx = (SELECT max(tx) FROM ordercast.change_log);"
        "TRUNCATE ordercast.change_log");
    node_ = std::make_unique<ServedNode>(orders_.database());
  }

  OrdersTable& orders() { return orders_; }
  ServedNode& node() { return *node_; }

  [[nodiscard]] std::string of_other_database() const {
    return Cursor{Epoch{end_.epoch.id ^ 1}, end_.position}.encode();
  }
  [[nodiscard]] std::string ahead() const {
    const auto xmax = end_.position.seen.xmax + kFar;
    return Cursor{end_.epoch, {Snapshot{xmax, xmax, {}}, std::nullopt}}.encode();
  }
  // Inside a batch that ends in the future.
  [[nodiscard]] std::string ahead_in_batch() const {
    auto cursor = end_;
    const auto xmax = end_.position.seen.xmax + kFar;
    cursor.position.in_batch = Position::InBatch{Snapshot{xmax, xmax, {}}, 1};
    return cursor.encode();
  }
  // The second row's insert is not there any more.
  [[nodiscard]] std::string too_old() const { return begin_.encode(); }

 private:
  static constexpr TransactionId kFar = 1'000'000;

  OrdersTable orders_;
  std::unique_ptr<ServedNode> node_;
  Cursor begin_;
  Cursor end_;
};

struct Case {
  std::string reason;
  std::string cursor;
};

std::vector<Case> cases(const Reset& reset) {
  return {{"bad_cursor", "garbage"},
          {"bad_cursor", "1AAAA"},
          {"bad_cursor", std::string(1500, 'A')},
          {"epoch", reset.of_other_database()},
          {"epoch", reset.ahead()},
          {"epoch", reset.ahead_in_batch()},
          {"retention", reset.too_old()}};
}

TEST_CASE("A client that cannot be resumed is told why, and the stream goes on from now") {
  Reset reset;
  std::int64_t id = 100;
  for (const auto& [reason, cursor] : cases(reset)) {
    INFO(reason << ": " << cursor);
    EventClient client(reset.node().port(), {.cursor = cursor});
    CHECK(client.expect("reset") == nlohmann::json{{"reason", reason}});
    // Its id resumes: the client that comes back with it is not reset again.
    CHECK(client.cursor() != cursor);
    client.drop();
    reset.orders().exec(fmt::format("INSERT INTO orders (id) VALUES ({})", ++id));
    client.resume();
    CHECK(client.hello().at("resumed") == true);
    CHECK(client.expect("insert").at("key").at("id") == std::to_string(id));
  }
}

TEST_CASE(
    "With snapshot=true a client that cannot be resumed gets the rows, ready, and what follows") {
  Reset reset;
  std::int64_t id = 100;
  for (const auto& [reason, cursor] : cases(reset)) {
    INFO(reason << ": " << cursor);
    EventClient client(reset.node().port(), {.query = "snapshot=true", .cursor = cursor});
    while (client.count("reset") == 0) REQUIRE(client.next());
    // A client that is cut among the rows must come back with what it had, and be told again.
    CHECK(client.cursor() == (client.count("ready") == 0 ? cursor : client.cursor()));
    while (client.count("ready") == 0) REQUIRE(client.next());
    CHECK(client.count("reset") == 1);
    CHECK(client.rows() == reset.orders().rows());
    reset.orders().exec(fmt::format("INSERT INTO orders (id) VALUES ({})", ++id));
    client.expect("insert");
    CHECK(client.rows() == reset.orders().rows());
    CHECK(client.faults().empty());
  }
}

TEST_CASE("TRUNCATE is told to all, in its place among the changes") {
  OrdersTable orders;
  ServedNode node(orders.database());
  EventClient client(node.port(), {.from_empty = true});
  EventClient board(node.port(), {.query = "snapshot=true"});
  board.expect("ready");
  orders.exec("INSERT INTO orders (id) VALUES (1), (2)");
  std::string before;
  // Taken first: who reads the rows after a reset is not told what came just before it.
  for (auto* each : {&client, &board}) {
    each->expect("insert");
    before = each->cursor();
    each->expect("insert");
  }
  orders.exec("BEGIN; TRUNCATE orders; INSERT INTO orders (id) VALUES (3); COMMIT");
  for (auto* each : {&client, &board}) {
    CHECK(each->expect("reset").at("reason") == "truncate");
    CHECK(each->expect("insert").at("key").at("id") == "3");
    CHECK(each->rows() == orders.rows());
    CHECK(each->faults().empty());
    EventClient resumed(node.port(), {.cursor = before});
    resumed.expect("insert");
    CHECK(resumed.expect("reset").at("reason") == "truncate");
    CHECK(resumed.expect("insert").at("key").at("id") == "3");
  }
}

TEST_CASE("History that is lost under a live stream is told to it") {
  Reset reset;
  EventClient client(reset.node().port(), {.query = "snapshot=true"});
  client.take_until([&] { return client.count("ready") == 1; });
  // As after a restore: the database is another history now. The server looks when it connects.
  reset.orders().exec("UPDATE ordercast.history SET epoch = gen_random_uuid()");
  REQUIRE(reset.orders().terminate_sessions() > 0);
  client.take_until([&] { return client.count("reset") == 1; });
  client.take_until([&] { return client.count("ready") == 2; });
  CHECK(client.rows() == reset.orders().rows());
  reset.orders().exec("INSERT INTO orders (id) VALUES (7)");
  client.take_until([&] { return client.count("insert") == 5; });
  CHECK(client.rows() == reset.orders().rows());
  CHECK(client.faults().empty());
}

}  // namespace
}  // namespace ordercast
