// Transactions do not commit in the order in which they numbered their changes. A client gets all
// of them, once, wherever it was cut.
#include <catch2/catch.hpp>
#include <string>

#include "support/event_client.h"
#include "support/node.h"
#include "support/orders_table.h"

namespace ordercast {
namespace {

using namespace testing;

// Two transactions that ran at once: the one that wrote first, and so has the lower seq, is still
// open.
class Interleaved {
 public:
  Interleaved()
      : node_(orders_.database()),
        live_(node_.port(), {.from_empty = true}),
        session_(orders_.session()),
        early_(std::make_unique<pqxx::work>(*session_)) {
    early_->exec("INSERT INTO orders (id, note) VALUES (1, 'early')");
    orders_.exec("INSERT INTO orders (id, note) VALUES (2, 'late')");
    late_seq_ = live_.expect("insert").at("seq");
    cursor_ = live_.cursor();
  }

  void commit_early() { early_->commit(); }

  OrdersTable& orders() { return orders_; }
  ServedNode& node() { return node_; }
  EventClient& live() { return live_; }
  [[nodiscard]] std::int64_t late_seq() const { return late_seq_; }
  // Of a client that has had the late one only.
  [[nodiscard]] const std::string& cursor() const { return cursor_; }

 private:
  OrdersTable orders_;
  ServedNode node_;
  EventClient live_;
  std::unique_ptr<pqxx::connection> session_;
  std::unique_ptr<pqxx::work> early_;
  std::int64_t late_seq_ = 0;
  std::string cursor_;
};

TEST_CASE("A live client gets the lower seq that commits last") {
  Interleaved two;
  two.commit_early();
  const auto early = two.live().expect("insert");
  CHECK(early.at("row").at("note") == "early");
  CHECK(early.at("seq").get<std::int64_t>() < two.late_seq());
  CHECK(two.live().rows() == two.orders().rows());
  CHECK(two.live().faults().empty());
}

TEST_CASE("A client that resumes between the two commits gets the other one") {
  Interleaved two;
  const bool committed_first = GENERATE(false, true);
  // Its connection may come before or after the second commit.
  if (committed_first) two.commit_early();
  EventClient resumed(two.node().port(), {.cursor = two.cursor()});
  CHECK(resumed.hello().at("resumed") == true);
  if (!committed_first) two.commit_early();
  CHECK(resumed.expect("insert").at("row").at("note") == "early");
  two.orders().exec("INSERT INTO orders (id, note) VALUES (3, 'after')");
  CHECK(resumed.expect("insert").at("row").at("note") == "after");
}

TEST_CASE("A node that was started between the two commits resumes a client of another") {
  Interleaved two;
  ServedNode other(two.orders().database());
  two.commit_early();
  EventClient resumed(other.port(), {.cursor = two.cursor()});
  CHECK(resumed.expect("insert").at("row").at("note") == "early");
  two.orders().exec("INSERT INTO orders (id, note) VALUES (3, 'after')");
  CHECK(resumed.expect("insert").at("row").at("note") == "after");
}

TEST_CASE("The cursor comes in the header or in the query, and the header wins") {
  Interleaved two;
  two.commit_early();
  two.live().expect("insert");
  const auto after_both = two.live().cursor();
  two.orders().exec("INSERT INTO orders (id, note) VALUES (3, 'after')");

  const auto first_note = [&](const std::string& query, const std::string& header) {
    EventClient client(two.node().port(), {.query = query, .cursor = header});
    CHECK(client.hello().at("resumed") == true);
    return client.expect("insert").at("row").at("note").get<std::string>();
  };
  CHECK(first_note("", two.cursor()) == "early");
  CHECK(first_note("last_event_id=" + two.cursor(), "") == "early");
  CHECK(first_note("lastEventId=" + two.cursor(), "") == "early");
  CHECK(first_note("last_event_id=" + two.cursor(), after_both) == "after");
  CHECK(first_note("lastEventId=" + after_both, two.cursor()) == "early");
  CHECK(first_note("last_event_id=", after_both) == "after");
}

TEST_CASE(
    "Each of many transactions that end in any order arrives once, wherever the client is cut") {
  OrdersTable orders;
  ServedNode node(orders.database());
  EventClient live(node.port(), {.from_empty = true});
  // Six write in turn; they end in another order, two of them by a rollback.
  constexpr int kEnds[] = {4, 1, 5, 0, 3, 2};
  std::vector<std::unique_ptr<pqxx::connection>> sessions;
  std::vector<std::unique_ptr<pqxx::work>> open;
  for (int i = 0; i < 6; ++i) {
    sessions.push_back(orders.session());
    open.push_back(std::make_unique<pqxx::work>(*sessions.back()));
  }
  for (int id = 0; id < 18; ++id) {
    open[static_cast<std::size_t>(id % 6)]->exec("INSERT INTO orders (id) VALUES (" +
                                                 std::to_string(id) + ")");
  }
  std::vector<std::string> cursors{live.cursor()};
  for (const int i : kEnds) {
    auto& transaction = *open[static_cast<std::size_t>(i)];
    if (i == 1 || i == 3) {
      transaction.abort();
      continue;
    }
    transaction.commit();
    for (int change = 0; change < 3; ++change) {
      live.expect("insert");
      cursors.push_back(live.cursor());
    }
  }
  CHECK(live.rows() == orders.rows());
  const auto all = orders.seqs();
  CHECK(live.seqs() == all);
  for (std::size_t had = 0; had < cursors.size(); ++had) {
    EventClient resumed(node.port(), {.cursor = cursors[had]});
    for (std::size_t i = had; i < all.size(); ++i) resumed.expect("insert");
    CHECK(resumed.seqs().size() == all.size() - had);
    orders.exec("INSERT INTO orders (id) VALUES (100); DELETE FROM orders WHERE id = 100");
    CHECK(resumed.expect("insert").at("key").at("id") == "100");
  }
}

}  // namespace
}  // namespace ordercast
