// The present rows by filter, order and limit: what ordercast.open_rows makes of them, and what it
// does not let through. That it chooses the same rows as the filter here: filter_agreement_test.cc.
#include <catch2/catch.hpp>
#include <memory>
#include <string>
#include <vector>

#include "core/filter.h"
#include "core/order_by.h"
#include "pg/log_queries.h"
#include "support/test_database.h"

namespace ordercast {
namespace {

using testing::TestDatabase;

class Orders {
 public:
  Orders() {
    database_.exec(R"sql(
      CREATE TYPE order_status AS ENUM ('new', 'paid', 'shipped');
      CREATE TABLE orders (id int PRIMARY KEY, status order_status, total numeric(12,2), note text, secret text);
      INSERT INTO orders VALUES (1, 'paid', 9.5, 'b', 'x'), (2, 'new', 10, 'B', 'x'), (3, 'shipped', NULL, 'a', 'y'),
                                (4, 'paid', 100, NULL, 'y');
      SELECT ordercast.watch('orders', columns => '{id,status,total,note}'))sql");
    connection_ = database_.connect();
  }

  TestDatabase& database() { return database_; }
  [[nodiscard]] StreamInfo stream() const { return pg::read_catalog(*connection_)->at("orders"); }

  // The keys, in the order in which they came.
  [[nodiscard]] std::string read(const std::vector<Parameter>& filter,
                                 const std::string& order = "id", const std::string& limit = "") {
    RowQuery query{.stream = "orders", .filter = Filter::parse(filter, stream())};
    if (!order.empty()) query.order = OrderBy::parse({"order", order}, stream());
    if (!limit.empty()) query.limit = parse_limit({"limit", limit}, stream());
    std::string keys;
    (void)pg::read_rows(*connection_, query, [&](const std::vector<SnapshotRow>& page) {
      for (const auto& row : page) keys += row.key;
      return true;
    });
    return keys;
  }

  // The ids of another stream, without anything around them.
  [[nodiscard]] std::string read_of(const std::string& name, const std::vector<Parameter>& filter,
                                    const std::string& order) {
    const auto stream = pg::read_catalog(*connection_)->at(name);
    std::string ids;
    (void)pg::read_rows(*connection_,
                        {.stream = name,
                         .filter = Filter::parse(filter, stream),
                         .order = OrderBy::parse({"order", order}, stream)},
                        [&](const std::vector<SnapshotRow>& page) {
                          for (const auto& row : page) ids += Row(row.key).find("id").value();
                          return true;
                        });
    return ids;
  }

  // The keys that a filter as a reader could send it finds.
  std::string open(const std::string& filter, const std::string& order = "NULL") {
    database_.exec("BEGIN READ ONLY");
    const auto cursor = database_.scalar("SELECT ordercast.open_rows('orders', $f$" + filter +
                                         "$f$, " + order + ")");
    std::string keys;
    for (const auto& row : database_.exec("FETCH ALL FROM \"" + cursor + '"')) {
      keys += row["key"].c_str();
    }
    database_.exec("COMMIT");
    return keys;
  }

 private:
  TestDatabase database_;
  std::unique_ptr<pqxx::connection> connection_;
};

TEST_CASE("Rows come filtered, in order, and no more than asked for") {
  Orders orders;
  CHECK(orders.read({}) == R"({"id":1}{"id":2}{"id":3}{"id":4})");
  CHECK(orders.read({{"status", "gte.paid"}}) == R"({"id":1}{"id":3}{"id":4})");
  CHECK(orders.read({}, "total.desc") == R"({"id":3}{"id":4}{"id":2}{"id":1})");
  CHECK(orders.read({}, "total.desc.nullslast") == R"({"id":4}{"id":2}{"id":1}{"id":3})");
  CHECK(orders.read({}, "status,total.desc") == R"({"id":2}{"id":4}{"id":1}{"id":3})");
  CHECK(orders.read({}, "note") == R"({"id":2}{"id":3}{"id":1}{"id":4})");  // by code point
  CHECK(orders.read({{"total", "not.is.null"}}, "id.desc", "2") == R"({"id":4}{"id":2})");
  CHECK(orders.read({}, "id", "0").empty());
  CHECK(orders.read({}, "", "4").size() == orders.read({}).size());
}

TEST_CASE("Rows come in the order of what is inside of jsonb, and of columns of any name") {
  Orders orders;
  orders.database().exec(R"sql(
    CREATE TABLE boxes (id int PRIMARY KEY, "of, (what)" text, doc jsonb);
    INSERT INTO boxes VALUES
      (1, 'b', '{"sku": "b", "sizes": [10, "x"]}'), (2, 'B', '{"sku": "B", "sizes": [9.5]}'),
      (3, NULL, '{"sku": null, "sizes": "9"}'), (4, 'a', '[]'), (5, 'é', '{"sku": "10", "sizes": [100]}');
    SELECT ordercast.watch('boxes'))sql");
  const auto read = [&](const std::string& order, const std::vector<Parameter>& filter = {}) {
    return orders.read_of("boxes", filter, order);
  };
  CHECK(read("doc->>sku,id") == "52134");  // "10" < "B" < "b" by code point, then NULL
  CHECK(read("doc->>sku.desc.nullslast,id.desc") == "12543");
  CHECK(read("doc->sizes->0,id") == "21534");  // as numbers; what is none is NULL
  CHECK(read("doc->sizes->0.desc,id") == "34512");
  CHECK(read("\"of, (what)\".desc.nullslast") == "51423");
  // Keys of a path are parameters like the values of the filter.
  CHECK(read("doc->sizes->0.desc.nullslast,doc->>sku",
             {{"doc->>sku", "in.(b,B,10)"}, {"id", "lt.5"}}) == "12");
}

TEST_CASE("The catalog knows the labels of enums in their order, also those that come later") {
  Orders orders;
  const auto labels = [&orders] { return orders.stream().columns.at(1).labels; };
  CHECK(orders.stream().columns.at(1).type == "public.order_status");
  CHECK(orders.stream().columns.at(2).base == "numeric");
  CHECK(labels() == std::vector<std::string>{"new", "paid", "shipped"});
  orders.database().exec("ALTER TYPE order_status ADD VALUE 'ready, set' BEFORE 'shipped'");
  CHECK(labels() == std::vector<std::string>{"new", "paid", "ready, set", "shipped"});
  CHECK(orders.database().scalar("SELECT string_agg(op::text, '' ORDER BY seq) "
                                 "FROM ordercast.change_log") == "cc");
}

TEST_CASE("A filter is data: nothing of it becomes SQL text") {
  Orders orders;
  CHECK(orders.open(R"({"column":"note","op":"eq","value":"' OR true --"})").empty());
  CHECK(orders.open(R"({"column":"note","op":"like","value":"%"})") ==
        R"({"id":1}{"id":2}{"id":3})");
  const auto filter = GENERATE(values<std::string>({
      R"({"column":"secret","op":"eq","value":"x"})",
      R"({"column":"note = '' OR true --","op":"eq","value":"x"})",
      R"({"column":"ctid","op":"eq","value":"x"})",
      R"({"column":"note","op":"= '' OR true --","value":"x"})",
      R"({"column":"note","op":"is","value":"NULL OR true"})",
      R"({"column":"note","path":["a"],"as":"text","op":"eq","value":"x"})",
      R"({"column":"total","op":"like","value":"x"})",
      R"({"column":"note","path":["0 OR true"],"op":"eq","value":"1"})",
      R"({"column":"note"})",
      R"({})",
      R"([])",
  }));
  CAPTURE(filter);
  CHECK_THROWS_AS(orders.open(filter), pqxx::sql_error);
  orders.database().exec("ROLLBACK");
}

TEST_CASE("An order is data, too") {
  Orders orders;
  CHECK(orders.open(R"({"column":"id","op":"gt","value":"2"})",
                    R"('[{"column":"id","descending":true,"nulls_first":true}]')") ==
        R"({"id":4}{"id":3})");
  const auto order = GENERATE(values<std::string>({
      R"('[{"column":"secret","descending":true,"nulls_first":true}]')",
      R"('[{"column":"id, secret","descending":true,"nulls_first":true}]')",
      R"('[{"column":"id","descending":"true, secret","nulls_first":true}]')",
      R"('[{"column":"note","path":["a"],"as":"text","descending":true,"nulls_first":true}]')",
      R"('[{"column":"id","path":["0, secret"],"descending":true,"nulls_first":true}]')",
  }));
  CAPTURE(order);
  CHECK_THROWS_AS(orders.open(R"({"column":"id","op":"gt","value":"2"})", order), pqxx::sql_error);
  orders.database().exec("ROLLBACK");
}

TEST_CASE("A filter has the indexes of the table") {
  Orders orders;
  orders.database().exec(
      "INSERT INTO orders (id, note) SELECT g, 'n' || g FROM generate_series(10, 20000) g;"
      "CREATE INDEX ON orders (note); ANALYZE orders");
  const auto filter = GENERATE(values<std::string>({
      R"({"column":"id","op":"eq","value":"4711"})",
      R"({"column":"note","op":"in","value":["n17","n4711"]})",
      R"({"and":[{"column":"note","op":"eq","value":"n12"},{"column":"id","op":"gt","value":"3"}]})",
  }));
  CAPTURE(filter);
  // A session of its own, so that it has no other scans to its account.
  const auto session = orders.database().connect();
  pqxx::read_transaction read(*session);
  const auto cursor = read.exec1("SELECT ordercast.open_rows('orders', $f$" + filter + "$f$)");
  CHECK_FALSE(read.exec("FETCH ALL FROM " + read.quote_name(cursor[0].c_str())).empty());
  const auto scans = read.exec1(
      "SELECT seq_scan, idx_scan FROM pg_stat_xact_all_tables WHERE relid = 'orders'::regclass");
  CHECK(scans[0].as<int>() == 0);
  CHECK(scans[1].as<int>() > 0);
}

}  // namespace
}  // namespace ordercast
