// What capture must not cost: plans that were made for one row or an empty table stay right for
// many.
#include <algorithm>
#include <catch2/catch.hpp>
#include <string>
#include <vector>

#include "integration/capture_log.h"

namespace ordercast {
namespace {

using testing::TestDatabase;

// The rows that the plans of the trigger function went through, from auto_explain by way of NOTICE:
// each node's actual rows times its loops, and what its filters threw away. Counts, not times.
class PlanWatcher : public pqxx::errorhandler {
 public:
  explicit PlanWatcher(pqxx::connection& connection) : errorhandler(connection) {
    pqxx::nontransaction(connection)
        .exec(
            "LOAD 'auto_explain'; SET auto_explain.log_min_duration = 0; SET "
            "auto_explain.log_analyze = on;"
            "SET auto_explain.log_timing = off; SET auto_explain.log_nested_statements = on;"
            "SET auto_explain.log_level = notice; SET auto_explain.log_format = json");
  }
  bool operator()(const char notice[]) noexcept override {
    plans_.emplace_back(notice);
    return false;
  }

  double rows() const {
    constexpr char kNode[] = "\"Actual Rows\": ";
    double sum = 0;
    for (const auto& plan : plans_) {
      for (std::size_t at = 0; (at = plan.find(kNode, at)) != std::string::npos; ++at) {
        const auto next = plan.find(kNode, at + 1);
        const auto node = plan.substr(at, next == std::string::npos ? next : next - at);
        sum += (number(node, kNode) + number(node, "\"Rows Removed by Filter\": ") +
                number(node, "\"Rows Removed by Join Filter\": ")) *
               number(node, "\"Actual Loops\": ");
      }
    }
    return sum;
  }
  // A plan that holds both texts.
  bool any(const std::string& one, const std::string& other = "") const {
    return std::any_of(plans_.begin(), plans_.end(), [&](const std::string& plan) {
      return plan.find(one) != std::string::npos && plan.find(other) != std::string::npos;
    });
  }
  void forget() { plans_.clear(); }

 private:
  static double number(const std::string& node, const std::string& label) {
    const auto at = node.find(label);
    return at == std::string::npos ? 0 : std::stod(node.substr(at + label.size()));
  }
  std::vector<std::string> plans_;
};

constexpr int kRows = 10'000;
// A statement of n rows goes through each of them in some twenty plan nodes; quadratic, it would be
// n.
constexpr double kNodesPerRow = 60;

TEST_CASE("an update of ten thousand rows after one of a single row is not quadratic") {
  TestDatabase db;
  db.exec(
      "CREATE TABLE orders (id int PRIMARY KEY, v int); INSERT INTO orders SELECT i, 0 FROM "
      "generate_series(1, " +
      std::to_string(kRows) + ") i; SELECT ordercast.watch('orders')");
  const auto session = db.connect();
  PlanWatcher plans(*session);
  pqxx::nontransaction shop(*session);
  shop.exec("UPDATE orders SET v = 1 WHERE id = 1");
  shop.exec(
      "DO $$BEGIN UPDATE orders SET v = 2 WHERE id = 1; UPDATE orders SET v = 3 WHERE id = 1; "
      "END$$");
  plans.forget();

  shop.exec("UPDATE orders SET v = v + 1");
  REQUIRE(plans.any("ordercast_new"));
  CHECK(plans.rows() < kNodesPerRow * kRows);

  plans.forget();
  shop.exec("DO $$BEGIN UPDATE orders SET v = 4 WHERE id = 1; UPDATE orders SET v = v + 1; END$$");
  REQUIRE(plans.any("ordercast_new"));
  CHECK(plans.rows() < kNodesPerRow * kRows);
}

TEST_CASE("an update of one row builds no hash table, unless it changes the key") {
  TestDatabase db;
  db.exec(
      "CREATE TABLE orders (id int PRIMARY KEY, v int); INSERT INTO orders VALUES (1, 0), (2, 0);"
      "SELECT ordercast.watch('orders')");
  const auto session = db.connect();
  PlanWatcher plans(*session);
  pqxx::nontransaction shop(*session);
  shop.exec("UPDATE orders SET v = 1 WHERE id = 1");
  CHECK(plans.any("INSERT INTO ordercast.change_log", "\"Nested Loop\""));
  CHECK_FALSE(plans.any("INSERT INTO ordercast.change_log", "\"Hash Join\""));

  shop.exec("UPDATE orders SET v = 2");
  CHECK(plans.any("INSERT INTO ordercast.change_log", "\"Hash Join\""));
  plans.forget();
  shop.exec("UPDATE orders SET id = 3 WHERE id = 1");
  CHECK(plans.any("INSERT INTO ordercast.change_log", "\"Hash Join\""));
}

TEST_CASE("a table that grows within one transaction is not searched row by row") {
  TestDatabase db;
  // One page, and known to be: no index would be used.
  db.exec(
      "CREATE TABLE orders (id int PRIMARY KEY, v int); INSERT INTO orders VALUES (-1, 0), (-2, 0);"
      "ANALYZE orders; SELECT ordercast.watch('orders')");
  const auto session = db.connect();
  PlanWatcher plans(*session);
  // The second and third statement look their keys up in the table, with the second's plan.
  pqxx::nontransaction(*session).exec(
      "DO $$BEGIN INSERT INTO orders VALUES (-3, 0); INSERT INTO orders VALUES (-4, 0);"
      "INSERT INTO orders SELECT i, 0 FROM generate_series(1, " +
      std::to_string(kRows) + ") i; END$$");
  REQUIRE(plans.any("ordercast_new"));
  CHECK(plans.rows() < kNodesPerRow * kRows);
}

TEST_CASE("no statement is compiled") {
  TestDatabase db;
  if (db.scalar("SELECT pg_jit_available()") != "t") return;
  db.exec("CREATE TABLE orders (id int PRIMARY KEY, v int); SELECT ordercast.watch('orders')");
  const auto session = db.connect();
  PlanWatcher plans(*session);
  pqxx::nontransaction shop(*session);
  shop.exec("SET jit = on; SET jit_above_cost = 0; INSERT INTO orders VALUES (1, 1)");
  // The shop's own statement is compiled with these settings: the test can see it.
  REQUIRE(plans.any("INSERT INTO orders", "\"JIT\""));
  REQUIRE(plans.any("INSERT INTO ordercast.change_log"));
  CHECK_FALSE(plans.any("INSERT INTO ordercast.change_log", "\"JIT\""));
}

TEST_CASE("capture takes no transaction id of its own, as a subtransaction that writes would") {
  TestDatabase db;
  db.exec(
      "CREATE TABLE orders (id int PRIMARY KEY, v int); SELECT ordercast.watch('orders');"
      "INSERT INTO orders VALUES (1, 1); UPDATE orders SET v = 2; DELETE FROM orders;"
      "DO $$BEGIN INSERT INTO orders VALUES (1, 1); UPDATE orders SET v = 2; END$$");
  // xmin is the id, without the epoch, of the (sub)transaction that inserted.
  CHECK(db.scalar("SELECT count(*) FROM ordercast.change_log "
                  "WHERE xmin::text::bigint <> tx::text::bigint % 4294967296") == "0");
}

}  // namespace
}  // namespace ordercast
