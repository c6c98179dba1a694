// The order desk of the program: rows read and written over HTTP, what the database says to it, and
// what the stream tells of it.
#include <fmt/format.h>

#include <algorithm>
#include <catch2/catch.hpp>
#include <future>
#include <nlohmann/json.hpp>
#include <string>
#include <vector>

#include "base/embedded_file.h"
#include "http/percent.h"
#include "support/event_client.h"
#include "support/eventually.h"
#include "support/node.h"
#include "support/orders_table.h"

namespace ordercast {
namespace {

using namespace testing;
using Catch::Contains;
using nlohmann::json;

HttpResponse send(const ServedNode& node, std::string_view method, std::string_view target,
                  std::string_view body, std::vector<http::Header> headers = {}) {
  headers.push_back({"Content-Type", "application/json"});
  return fetch(node.port(), method, target, body, headers);
}

std::string tag_of(const HttpResponse& response) {
  return std::string(response.header("ETag").value());
}

json row_of(const HttpResponse& response) {
  return json::parse(response.body).at("row");
}

void open_demo_shop(TestDatabase& database) {
  const auto& files = sql_files();
  const auto shop = std::find_if(files.begin(), files.end(),
                                 [](const auto& file) { return file.name == "demo_shop.sql"; });
  database.exec(std::string(shop->bytes));
  database.exec("SELECT ordercast.watch('public.orders', tenant => 'merchant_id')");
}

TEST_CASE("An order is made, read and changed, and the stream tells the same rows") {
  TestDatabase database;
  open_demo_shop(database);
  ServedNode node(database, {"--desk"});
  EventClient client(node.port(), {.from_empty = true});

  const auto made = send(node, "POST", "/v1/orders",
                         R"({"merchant_id":1,"customer_name":"Ada","currency":"EUR",
                             "total":"12.50","items":[{"sku":"YJ-CUP","qty":1}]})");
  REQUIRE(made.status == 201);
  CHECK(row_of(made).at("total") == "12.50");
  CHECK(row_of(made).at("order_number") == "YJ-000001");
  CHECK(client.expect("insert").at("row") == row_of(made));

  const auto path = std::string(made.header("Location").value());
  CHECK(path == "/v1/orders/1");
  const auto read = node.get(path);
  CHECK(read.status == 200);
  CHECK(row_of(read) == row_of(made));
  CHECK(tag_of(read) == tag_of(made));

  const auto paid = send(node, "PATCH", path, R"({"status":"paid"})", {{"If-Match", tag_of(read)}});
  CHECK(paid.status == 200);
  CHECK(row_of(paid).at("status") == "paid");
  CHECK(tag_of(paid) != tag_of(read));
  CHECK(client.expect("update").at("row") == row_of(paid));

  // To what it is already: no change, and no event.
  const auto same = send(node, "PATCH", path, R"({"status":"paid"})");
  CHECK(tag_of(same) == tag_of(paid));
  CHECK(node.get("/v1/orders/2").status == 404);
  CHECK(node.get("/v1/orders/one").status == 404);
  CHECK(node.get("/v1/orders/99999999999999999999").status == 404);
  CHECK(send(node, "PATCH", "/v1/orders/2", R"({"status":"paid"})").status == 404);
  CHECK(send(node, "PATCH", "/v1/orders/one", R"({"status":"paid"})").status == 404);
  CHECK(client.faults().empty());
  CHECK(client.count("insert") + client.count("update") == 2);
}

TEST_CASE("A status that cannot follow is a conflict, and says what can") {
  TestDatabase database;
  open_demo_shop(database);
  database.exec(
      "INSERT INTO orders (merchant_id, customer_name, currency, total) VALUES (1, 'Ada', 'EUR', "
      "1)");
  ServedNode node(database, {"--desk"});
  const auto skipped = send(node, "PATCH", "/v1/orders/1", R"({"status":"shipped"})");
  CHECK(skipped.status == 409);
  const auto problem = json::parse(skipped.body);
  CHECK(problem.at("code") == "conflict");
  CHECK(problem.at("detail") == "an order that is created cannot become shipped");
  CHECK(problem.at("hint") == "After created comes paid or cancelled.");
  CHECK(row_of(node.get("/v1/orders/1")).at("status") == "created");
  for (const auto* status : {"paid", "packed", "shipped", "delivered"}) {
    CHECK(send(node, "PATCH", "/v1/orders/1", fmt::format(R"({{"status":"{}"}})", status)).status ==
          200);
  }
  const auto closed = send(node, "PATCH", "/v1/orders/1", R"({"status":"cancelled"})");
  CHECK(closed.status == 409);
  CHECK(json::parse(closed.body).at("hint") == "Nothing comes after delivered.");
  // No status at all is not a matter of what may follow.
  const auto unknown = send(node, "PATCH", "/v1/orders/1", R"({"total":"-1"})");
  CHECK(unknown.status == 422);
  CHECK(json::parse(unknown.body).at("constraint") == "orders_total_check");
}

TEST_CASE("Of two who change the same order, one has it, and the other is told how it is now") {
  OrdersTable orders;
  ServedNode node(orders.database(), {"--desk"});
  ServedNode other(orders.database(), {"--desk"});
  for (int round = 0; round < 20; ++round) {
    orders.exec(fmt::format("INSERT INTO orders (id) VALUES ({})", round));
    const auto path = fmt::format("/v1/orders/{}", round);
    const auto tag = tag_of(node.get(path));
    const auto change = [&](const ServedNode& at, const char* note) {
      return send(at, "PATCH", path, fmt::format(R"({{"note":"{}"}})", note), {{"If-Match", tag}});
    };
    auto first = std::async(std::launch::async, [&] { return change(node, "first"); });
    const auto two = change(other, "second");
    const auto one = first.get();
    REQUIRE(std::minmax(one.status, two.status) == std::minmax(200, 412));
    const auto& winner = one.status == 200 ? one : two;
    const auto& loser = one.status == 200 ? two : one;
    CHECK(json::parse(loser.body).at("row") == row_of(winner));
    CHECK(tag_of(loser) == tag_of(winner));
    CHECK(row_of(node.get(path)) == row_of(winner));
  }
}

TEST_CASE("Columns and values that the table does not take are told, and nothing is written") {
  OrdersTable orders;
  orders.exec(
      "ALTER TABLE orders ADD secret text, ADD parent bigint REFERENCES orders,"
      "  ADD twice bigint GENERATED ALWAYS AS (id * 2) STORED;"
      "ALTER TABLE orders ADD UNIQUE (note);"
      "SELECT ordercast.watch('public.orders', columns => "
      "'{merchant,status,total,note,parent,twice}');"
      "INSERT INTO orders (id, note) VALUES (1, 'one')");
  ServedNode node(orders.database(), {"--desk"});
  struct Case {
    const char* body;
    int status;
    const char* says;
  };
  for (const auto& [body, status, says] :
       std::vector<Case>{{R"({"id":2,"nope":1,"also":1})", 422, "no column also, nope"},
                         {R"({"id":2,"secret":"x"})", 422, "no column secret"},
                         {R"({"id":"two"})", 422, "bigint"},
                         {R"({"id":2,"total":"12,50"})", 422, "numeric"},
                         {R"({"id":2,"note":"a\u0000b"})", 422, "Unicode"},
                         {R"({"id":2,"merchant":null})", 422, "not-null"},
                         {R"({"id":2,"twice":4})", 422, "twice"},
                         {R"({"id":2,"note":"one"})", 409, "orders_note_key"},
                         {R"({"id":1})", 409, "orders_pkey"},
                         {R"({"id":2,"parent":7})", 409, "orders_parent_fkey"}}) {
    INFO(body);
    const auto response = send(node, "POST", "/v1/orders", body);
    CHECK(response.status == status);
    CHECK_THAT(response.body, Contains(says));
    CHECK_THAT(response.body, !Contains("Failing row") && !Contains("CONTEXT"));
  }
  const auto deep =
      R"({"id":2,"note":)" + std::string(30'000, '[') + std::string(30'000, ']') + "}";
  CHECK(send(node, "POST", "/v1/orders", deep).status == 422);
  CHECK(orders.database().scalar("SELECT count(*) FROM orders") == "1");
  CHECK(send(node, "POST", "/v1/orders", R"({"id":2,"note":"'); DROP TABLE orders; --"})").status ==
        201);
  CHECK(row_of(node.get("/v1/orders/2")).at("note") == "'); DROP TABLE orders; --");
  CHECK(node.get("/v1/orders/2'%20OR%20true--").status == 404);
}

TEST_CASE("Every digit of a value is kept, and every type comes back as it was sent") {
  TestDatabase database;
  database.exec(
      "CREATE DOMAIN public.price AS numeric NOT NULL CHECK (VALUE >= 0);"
      "CREATE TYPE public.kind AS ENUM ('eat in', 'take away');"
      "CREATE TABLE public.orders (\"the id\" uuid PRIMARY KEY, total public.price DEFAULT 0,"
      "  n bigint, tags text[], sums numeric[], doc json, docb jsonb, kind public.kind,"
      "  at timestamptz, raw bytea, wait interval, ok boolean);"
      "SELECT ordercast.watch('public.orders')");
  ServedNode node(database, {"--desk"});
  const auto* body = R"({"the id":"7d444840-9dc0-11d1-b245-5ffdce74fad2","n":"9007199254740993",
      "tags":["a,b","\"c\"",null],"sums":["0.10","2"],"doc":{"b":1,"a":[1,2]},"docb":"text",
      "kind":"take away","at":"2026-01-02T03:04:05+01:00","raw":"\\x00ff","wait":"P1DT2H",
      "ok":true,"total":"0.1234567890123456789"})";
  const auto made = send(node, "POST", "/v1/orders", body);
  INFO(made.body);
  REQUIRE(made.status == 201);
  auto expected = json::parse(body);
  expected["at"] = "2026-01-02T02:04:05+00:00";
  CHECK(row_of(made) == expected);
  CHECK_THAT(made.body, Contains(R"({"b":1,"a":[1,2]})"));
  const auto path = std::string(made.header("Location").value());
  CHECK(send(node, "PATCH", path, R"({"n":null,"doc":null})").status == 200);
  expected["n"] = expected["doc"] = nullptr;
  CHECK(row_of(node.get(path)) == expected);
  // What was read can be sent back whole.
  const auto echoed = send(node, "PATCH", path, row_of(node.get(path)).dump());
  CHECK(echoed.status == 200);
  CHECK(row_of(echoed) == expected);
}

TEST_CASE("An order is found by all of its key, whatever the key's type") {
  struct Case {
    const char* type;
    const char* key;
    const char* other;
  };
  for (const auto& [type, key, other] : std::vector<Case>{{"varchar(3)", "abc", "abcd"},
                                                          {"char(3)", "abc", "abcd"},
                                                          {"bit(3)", "101", "1010"},
                                                          {"numeric(4,1)", "1.5", "1.52"},
                                                          {"date", "2026-01-02", "2026-01-03"},
                                                          {"text", "a/b \"c\" {d,e} \\", "a/b"}}) {
    INFO(type);
    TestDatabase database;
    database.exec(fmt::format(
        "CREATE TABLE public.orders (id {} PRIMARY KEY, n int); SELECT ordercast.watch('orders')",
        type));
    ServedNode node(database, {"--desk"});
    const auto made = send(node, "POST", "/v1/orders", json{{"id", key}}.dump());
    REQUIRE(made.status == 201);
    const auto path = std::string(made.header("Location").value());
    CHECK(row_of(node.get(path)).at("id") == key);
    CHECK(send(node, "PATCH", path, R"({"n":1})").status == 200);
    const auto wrong = std::string("/v1/orders/") + http::percent_encode(other);
    CHECK(node.get(wrong).status == 404);
    CHECK(send(node, "PATCH", wrong, R"({"n":2})").status == 404);
    CHECK(row_of(node.get(path)).at("n") == 1);
  }
}

TEST_CASE("The shop's own triggers run as they do for the shop, deferred ones too") {
  OrdersTable orders;
  auto& db = orders.database();
  db.exec(
      "CREATE TABLE public.audit (what text);"
      // Named without a schema: it needs the search_path that the role has.
      "CREATE FUNCTION public.note_it() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN"
      "  INSERT INTO audit VALUES (NEW.note); RETURN NEW; END $$;"
      "CREATE TRIGGER a BEFORE INSERT OR UPDATE ON orders FOR EACH ROW EXECUTE FUNCTION "
      "note_it();"
      "CREATE FUNCTION public.late() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN"
      "  IF NEW.note = 'late' THEN RAISE EXCEPTION 'too late' USING HINT = 'come earlier'; END IF;"
      "  RETURN NULL; END $$;"
      "CREATE CONSTRAINT TRIGGER b AFTER INSERT ON orders DEFERRABLE INITIALLY DEFERRED"
      "  FOR EACH ROW EXECUTE FUNCTION late();"
      "CREATE FUNCTION public.drop_it() RETURNS trigger LANGUAGE plpgsql AS"
      "  $$ BEGIN RETURN CASE WHEN NEW.note = 'dropped' THEN NULL ELSE NEW END; END $$;"
      "CREATE TRIGGER c BEFORE INSERT OR UPDATE ON orders FOR EACH ROW EXECUTE FUNCTION "
      "drop_it();"
      "CREATE FUNCTION public.total() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN"
      "  UPDATE public.orders SET total = 7 WHERE id = NEW.id; RETURN NULL; END $$;"
      "CREATE TRIGGER d AFTER INSERT ON orders FOR EACH ROW EXECUTE FUNCTION total()");
  ServedNode node(db, {"--desk"});
  const auto made = send(node, "POST", "/v1/orders", R"({"id":1,"note":"x"})");
  CHECK(made.status == 201);
  CHECK(row_of(made).at("total") == "7");
  CHECK(tag_of(made) == tag_of(node.get("/v1/orders/1")));
  CHECK(db.scalar("SELECT string_agg(what, ',') FROM audit") == "x,x");

  const auto late = send(node, "POST", "/v1/orders", R"({"id":2,"note":"late"})");
  CHECK(late.status == 422);
  CHECK(json::parse(late.body).at("detail") == "too late");
  CHECK(json::parse(late.body).at("hint") == "come earlier");
  const auto dropped = send(node, "POST", "/v1/orders", R"({"id":2,"note":"dropped"})");
  CHECK(dropped.status == 422);
  CHECK_THAT(dropped.body, Contains("trigger"));
  CHECK(send(node, "PATCH", "/v1/orders/1", R"({"note":"dropped"})").status == 422);
  CHECK(db.scalar("SELECT count(*) FROM orders") == "1");
}

// A role as an operator would make it for the server; roles belong to the whole cluster.
class DeskRole {
 public:
  explicit DeskRole(OrdersTable& orders) : orders_(orders) {
    orders_.exec("CREATE ROLE desk LOGIN; SELECT ordercast.grant_reader('desk')");
  }
  ~DeskRole() { orders_.database().drop_role("desk"); }
  [[nodiscard]] std::string url() const { return orders_.database().url() + " user=desk"; }

 private:
  OrdersTable& orders_;
};

TEST_CASE("A role that may only read is told what it needs to write") {
  OrdersTable orders;
  orders.exec("INSERT INTO orders (id) VALUES (1)");
  const DeskRole role(orders);
  ServedNode node({"serve", "--database", role.url(), "--desk"});
  node.wait_until_ready();
  CHECK(node.get("/v1/orders").status == 200);
  CHECK(node.get("/v1/orders/1").status == 200);
  CHECK(node.get("/v1/streams").status == 200);
  const auto insert = [&] { return send(node, "POST", "/v1/orders", R"({"id":2})"); };
  const auto update = [&] { return send(node, "PATCH", "/v1/orders/1", R"({"note":"x"})"); };
  const auto message = [&] {
    return send(node, "POST", "/v1/streams/orders/messages", R"({"event":"note","data":1})");
  };
  for (const auto& response : {insert(), update()}) {
    CHECK(response.status == 403);
    CHECK_THAT(json::parse(response.body).at("hint").get<std::string>(),
               Contains("GRANT SELECT, INSERT, UPDATE ON public.orders TO desk"));
  }
  const auto denied = message();
  CHECK(denied.status == 403);
  CHECK(json::parse(denied.body).at("hint") == "SELECT ordercast.grant_publisher('desk');");
  CHECK(orders.rows().size() == 1);

  orders.exec(
      "GRANT SELECT, INSERT, UPDATE ON public.orders TO desk;"
      "SELECT ordercast.grant_publisher('desk')");
  CHECK(insert().status == 201);
  CHECK(update().status == 200);
  CHECK(message().status == 201);
}

TEST_CASE("An order that another transaction holds is not waited for longer than a few seconds") {
  OrdersTable orders;
  orders.exec("INSERT INTO orders (id) VALUES (1), (2)");
  ServedNode node(orders.database(), {"--desk"});
  const auto session = orders.session();
  pqxx::work holder(*session);
  holder.exec("UPDATE public.orders SET note = 'held' WHERE id = 1");
  const auto busy = send(node, "PATCH", "/v1/orders/1", R"({"note":"x"})");
  CHECK(busy.status == 503);
  CHECK(json::parse(busy.body).at("code") == "busy");
  CHECK(busy.header("Retry-After"));
  holder.commit();
  CHECK(send(node, "PATCH", "/v1/orders/1", R"({"note":"x"})").status == 200);
}

TEST_CASE("A deadlock is tried three times more") {
  OrdersTable orders;
  orders.exec(
      "INSERT INTO orders (id) VALUES (1);"
      "CREATE SEQUENCE public.tries;"
      "CREATE FUNCTION public.unlucky() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN"
      "  IF nextval('public.tries') <= NEW.total THEN"
      "    RAISE EXCEPTION 'deadlock detected' USING ERRCODE = 'deadlock_detected'; END IF;"
      "  RETURN NEW; END $$;"
      "CREATE TRIGGER a BEFORE UPDATE ON orders FOR EACH ROW EXECUTE FUNCTION unlucky()");
  ServedNode node(orders.database(), {"--desk"});
  CHECK(send(node, "PATCH", "/v1/orders/1", R"({"total":"3"})").status == 200);
  orders.exec("ALTER SEQUENCE tries RESTART");
  const auto always = send(node, "PATCH", "/v1/orders/1", R"({"total":"9"})");
  CHECK(always.status == 503);
  CHECK(orders.database().scalar("SELECT last_value FROM tries") == "4");
}

TEST_CASE("The desk takes one connection, when it is first asked, and another when that is lost") {
  OrdersTable orders;
  orders.exec("INSERT INTO orders (id) VALUES (1)");
  ServedNode node(orders.database(), {"--desk"});
  const auto sessions = [&] {
    return orders.database().scalar(
        "SELECT count(*) FROM pg_stat_activity WHERE datname = current_database() AND"
        " application_name = 'ordercast'");
  };
  CHECK(sessions() == "1");
  std::vector<std::future<HttpResponse>> answers;
  for (int i = 0; i < 16; ++i) {
    answers.push_back(std::async(std::launch::async, [&] { return node.get("/v1/orders/1"); }));
  }
  for (auto& answer : answers) CHECK(answer.get().status == 200);
  CHECK(sessions() == "2");
  CHECK(orders.terminate_sessions() == 2);
  CHECK(eventually([&] { return node.get("/v1/orders/1").status == 200; }));
}

TEST_CASE("While the database is away the desk says so, and afterwards it serves again") {
  OrdersTable orders;
  orders.exec("INSERT INTO orders (id) VALUES (1)");
  ServedNode node(orders.database(), {"--desk"});
  CHECK(node.get("/v1/orders/1").status == 200);
  test_cluster().stop();
  for (const auto& response :
       {node.get("/v1/orders/1"), node.get("/v1/orders"), node.get("/v1/streams"),
        send(node, "PATCH", "/v1/orders/1", R"({"note":"x"})"),
        send(node, "POST", "/v1/streams/orders/messages", R"({"event":"note","data":1})")}) {
    CHECK(response.status == 503);
    CHECK(response.header("Retry-After"));
    CHECK(json::parse(response.body).at("code") == "database_down");
  }
  test_cluster().start();
  node.wait_until_ready();
  CHECK(send(node, "PATCH", "/v1/orders/1", R"({"note":"x"})").status == 200);
}

// Commits of this database wait for a standby that never comes, while it lives.
class EndlessCommits {
 public:
  explicit EndlessCommits(TestDatabase& database) : database_(database) {
    database_.exec("ALTER DATABASE " + database_.name() + " SET synchronous_commit = on");
    set("SET synchronous_standby_names = 'nobody'");
  }
  ~EndlessCommits() { set("RESET synchronous_standby_names"); }

 private:
  void set(const std::string& what) {
    database_.exec("ALTER SYSTEM " + what);
    database_.exec("SELECT pg_reload_conf()");
    // Whether commits wait is the checkpointer's to say. A session that begins now comes after the
    // server's word to it to read the file again, and it obeys that before it makes a checkpoint.
    pqxx::nontransaction(*database_.connect()).exec("CHECKPOINT");
  }

  TestDatabase& database_;
};

TEST_CASE("When the connection is lost at the commit, nobody says that nothing was written") {
  OrdersTable orders;
  orders.exec("INSERT INTO orders (id) VALUES (1)");
  ServedNode node(orders.database(), {"--desk"});
  CHECK(node.get("/v1/orders/1").status == 200);
  orders.terminate_sessions();  // they have the old setting
  {
    const EndlessCommits endless(orders.database());
    REQUIRE(eventually([&] { return node.get("/v1/orders/1").status == 200; }));
    auto answer = std::async(std::launch::async, [&] {
      return send(node, "PATCH", "/v1/orders/1", R"({"note":"in doubt"})");
    });
    CHECK(eventually([&] {
      return orders.database().scalar(
                 "SELECT count(pg_terminate_backend(pid)) FROM pg_stat_activity"
                 " WHERE datname = current_database() AND wait_event = 'SyncRep'") != "0";
    }));
    const auto response = answer.get();
    CHECK(response.status == 503);
    CHECK(json::parse(response.body).at("code") == "outcome_unknown");
    CHECK_FALSE(response.header("Retry-After"));
  }
  CHECK(orders.database().scalar("SELECT note FROM orders") == "in doubt");
  CHECK(eventually([&] { return node.get("/v1/orders/1").status == 200; }));
}

TEST_CASE("The stream that a list links to goes on where the list ends") {
  OrdersTable orders;
  orders.exec("INSERT INTO orders (id, note) VALUES (1, 'a'), (2, 'b')");
  ServedNode node(orders.database());
  const auto list = node.get("/v1/orders");
  CHECK(json::parse(list.body).at("rows").size() == 2);
  const auto link = std::string(list.header("Link").value());
  orders.exec("UPDATE orders SET note = 'c' WHERE id = 2");
  REQUIRE(link.ends_with(">; rel=\"monitor\""));
  EventStreamClient stream(node.port(), link.substr(1, link.find('>') - 1));
  const auto update = json::parse(stream.next_of_type("update").data);
  CHECK(update.at("changed").at("note") == json({"b", "c"}));
}

TEST_CASE("A list is filtered, ordered and cut as it was asked to be") {
  OrdersTable orders;
  orders.exec(
      "INSERT INTO orders (id, status, total) SELECT n, CASE n % 2 WHEN 0 THEN 'paid' ELSE "
      "'created' "
      "END, n FROM generate_series(1, 210) AS n");
  ServedNode node(orders.database());
  const auto ids = [&](const std::string& query) {
    const auto response = node.get("/v1/orders" + query);
    INFO(response.body.substr(0, 300));
    REQUIRE(response.status == 200);
    std::string ids;
    const auto body = json::parse(response.body);
    for (const auto& row : body.at("rows")) ids += row.at("id").get<std::string>() + " ";
    return ids + (body.at("more") == true ? "…" : "");
  };
  CHECK(ids("?status=eq.paid&order=total.desc&limit=3") == "210 208 206 …");
  CHECK(ids("?total=lte.2&order=id") == "1 2 ");
  CHECK(ids("?total=gt.1000").empty());
  CHECK(json::parse(node.get("/v1/orders").body).at("rows").size() == 100);
  CHECK(json::parse(node.get("/v1/orders?limit=1000").body).at("rows").size() == 210);
  CHECK(node.get("/v1/orders?limit=1001").status == 400);
  const auto wrong = node.get("/v1/orders?statsu=eq.paid");
  CHECK(wrong.status == 400);
  CHECK_THAT(wrong.body, Contains("statsu") && Contains("merchant"));
}

}  // namespace
}  // namespace ordercast
