// The demo's shop (sql/demo_shop.sql): deterministic, bounded, and careful with what is not its
// own.
#include <catch2/catch.hpp>
#include <string>

#include "base/embedded_file.h"
#include "integration/capture_log.h"

namespace ordercast {
namespace {

using Catch::Matchers::Contains;
using testing::folded;
using testing::present_rows;
using testing::TestDatabase;

void open_shop(TestDatabase& db) {
  for (const auto& file : sql_files()) {
    if (file.name == "demo_shop.sql") db.exec(std::string(file.bytes));
  }
}

std::string digest(TestDatabase& db) {
  return db.scalar(
      "SELECT md5(string_agg(order_number || customer_name || status || total || items || "
      "coalesce(note, ''), '' "
      "ORDER BY id)) FROM orders");
}

TEST_CASE("the same seed gives the same orders, another seed others") {
  const auto orders_of = [](const std::string& seed) {
    TestDatabase db;
    open_shop(db);
    db.exec("SELECT shop.seed(" + seed + ", 200)");
    CHECK(db.scalar("SELECT count(*) || ' ' || count(DISTINCT merchant_id) FROM orders") ==
          "200 5");
    return digest(db);
  };
  const auto first = orders_of("1");
  CHECK(orders_of("1") == first);
  CHECK(orders_of("2") != first);
}

TEST_CASE("totals are the sums of the items") {
  TestDatabase db;
  open_shop(db);
  db.exec("SELECT shop.seed(1, 100)");
  CHECK(db.scalar("SELECT count(*) FROM orders WHERE total <> (SELECT sum((i->>'qty')::int * "
                  "(i->>'price')::numeric) "
                  "FROM jsonb_array_elements(items) i)") == "0");
}

TEST_CASE("the shop trades within bounds, and its stream folds to its table") {
  TestDatabase db;
  open_shop(db);
  db.exec(
      "SELECT ordercast.watch('orders', tenant => 'merchant_id'); SELECT shop.seed(1, 300); SELECT "
      "setseed(0.5)");
  constexpr int kSteps = 1500;
  std::map<std::string, int> steps;
  for (int i = 0; i < kSteps; ++i) {
    const auto step = db.scalar("SELECT shop.tick()");
    ++steps[step.substr(step.rfind(' ') + 1)];
  }
  for (const std::string step :
       {"created", "paid", "packed", "shipped", "delivered", "cancelled", "deleted"}) {
    CAPTURE(step);
    CHECK(steps[step] > 0);
  }
  CHECK(std::stoi(db.scalar("SELECT count(*) FROM orders")) <= 400);
  CHECK(folded(db, "orders") == present_rows(db, "orders"));
}

TEST_CASE("an order goes step by step, and can be cancelled while it is open") {
  TestDatabase db;
  open_shop(db);
  const std::vector<std::string> all = {"created", "paid",      "packed",
                                        "shipped", "delivered", "cancelled"};
  std::string allowed;
  for (const auto& from : all) {
    for (const auto& to : all) {
      if (from == to) continue;
      db.exec(
          "TRUNCATE orders; INSERT INTO orders (merchant_id, customer_name, currency, total, "
          "status) VALUES (1, 'Ada', 'EUR', 1, '" +
          from + "')");
      try {
        db.exec("UPDATE orders SET status = '" + to + "'");
        allowed += from + ">" + to + " ";
      } catch (const pqxx::check_violation& refused) {
        CHECK_THAT(refused.what(), Contains("cannot become " + to) && Contains("HINT"));
      }
    }
  }
  CHECK(allowed ==
        "created>paid created>cancelled paid>packed paid>cancelled packed>shipped "
        "packed>cancelled shipped>delivered shipped>cancelled ");
}

TEST_CASE("the shop may be opened again, and leaves what it has traded") {
  TestDatabase db;
  open_shop(db);
  db.exec("SELECT shop.seed(1, 10)");
  const auto before = digest(db);
  open_shop(db);
  CHECK(digest(db) == before);
}

TEST_CASE("a table or schema of somebody else's is left alone") {
  TestDatabase db;
  const auto [theirs, what] = GENERATE(
      table<std::string, std::string>({{"CREATE TABLE orders (a int)", "table public.orders"},
                                       {"CREATE SCHEMA shop", "schema shop"}}));
  db.exec(theirs);
  CHECK_THROWS_WITH(open_shop(db), Contains(what) && Contains("left alone") && Contains("HINT"));
}

}  // namespace
}  // namespace ordercast
