// A column that is not among those of watch(columns => …), or of a token, is neither shown nor
// found out, by whatever a request can ask for: also where the log, or the row's tag, knows it.
#include <catch2/catch.hpp>
#include <nlohmann/json.hpp>
#include <string>
#include <vector>

#include "support/event_client.h"
#include "support/granted_node.h"
#include "support/http_client.h"
#include "support/test_database.h"

namespace ordercast {
namespace {

using namespace testing;
using Catch::Contains;
using Catch::EndsWith;
using nlohmann::json;

constexpr char kWatchSome[] = "SELECT ordercast.watch('public.orders', columns => '{id,status}')";

// Two changes were logged with all columns.
class Shop {
 public:
  Shop() {
    database_.exec(
        "CREATE TABLE public.orders (id bigint PRIMARY KEY, status text DEFAULT 'new', note text,"
        "  doc jsonb);"
        "SELECT ordercast.watch('public.orders');"
        "INSERT INTO orders VALUES (1, 'new', 'secret', '{\"pin\": \"secret\"}')");
    database_.exec("UPDATE orders SET status = 'paid', note = 'another secret'");
  }
  TestDatabase& database() { return database_; }

 private:
  TestDatabase database_;
};

// What a request is answered, which must not have a word of it.
std::string told(const GrantedNode& node, const std::string& target,
                 const std::string& accept = "*/*") {
  INFO(target);
  const auto response = fetch(node.port(), "GET", target, {}, {{"Accept", accept}});
  CHECK_THAT(response.body,
             !Contains("secret") && !Contains("note") && !Contains("doc") && !Contains("pin"));
  CHECK(response.status == 200);
  return response.body;
}

TEST_CASE("The log's rows of before are shown without the columns that are hidden now") {
  Shop shop;
  std::string cursor;
  {
    GrantedNode before(shop.database().url(), {});
    EventClient client(before.port(), {.query = "last_event_id=earliest"});
    cursor = client.cursor();
    CHECK(client.expect("insert").at("row").at("note") == "secret");
  }
  const bool anew = GENERATE(false, true);
  if (anew) shop.database().exec("SELECT ordercast.unwatch('orders')");
  shop.database().exec(kWatchSome);
  GrantedNode node(shop.database().url(), {});
  const std::string stream = "/v1/streams/orders?until=now";
  for (const auto& query : std::vector<std::string>{
           "&last_event_id=earliest", "&since=2020-01-01", "&select=*",
           "&last_event_id=earliest&events=update", "&snapshot=true",
           "&last_event_id=earliest&status=eq.paid", "&last_event_id=" + cursor}) {
    const auto from = query == "&select=*" ? query + "&last_event_id=earliest" : query;
    for (const auto* form : {"text/event-stream", "application/x-ndjson"}) {
      CHECK_THAT(told(node, stream + from, form), Contains(R"("status":"paid")"));
    }
  }
  CHECK_THAT(told(node, "/v1/orders"), Contains("paid"));
  CHECK_THAT(told(node, "/v1/orders/1"), Contains("paid"));
  (void)told(node, "/v1/streams");
}

TEST_CASE("A stream that is open when a column is hidden ends, and goes on without it") {
  Shop shop;
  GrantedNode node(shop.database().url(), {});
  EventClient client(node.port(), {.query = "last_event_id=earliest"});
  client.take_until([&] { return client.count("update") == 1; });
  shop.database().exec(kWatchSome);
  while (client.next()) continue;
  CHECK(client.stream().ended_properly());
  client.drop();
  client.resume();
  CHECK(client.hello().at("resumed") == true);
  shop.database().exec("INSERT INTO orders VALUES (2, 'new', 'secret')");
  client.take_until([&] { return client.count("insert") == 2; });
  CHECK(client.rows().at(R"({"id":"2"})") == R"({"id":"2","status":"new"})");
}

TEST_CASE("What is hidden can be asked for in no way") {
  Shop shop;
  shop.database().exec(kWatchSome);
  GrantedNode node(shop.database().url(), {});
  for (const auto* query :
       {"note=eq.secret", "note=is.null", "note=not.is.null", "note=isdistinct.x",
        "note=in.(secret)", "note=like.s*", "note=match.s", "doc->>pin=eq.secret",
        "doc->pin=is.null", "doc=is.null", "and=(note.eq.secret)",
        "or=(id.eq.1,not.and(note.eq.secret,id.eq.1))", "not.or=(doc->>pin.eq.secret)",
        "and=(\"note\".eq.secret)", "order=note", "order=doc->>pin", "order=\"note\".desc"}) {
    for (const std::string target : {"/v1/streams/orders?snapshot=true&until=now&",
                                     "/v1/streams/orders/explain?seq=2&", "/v1/orders?"}) {
      INFO(target << query);
      const auto response = fetch(node.port(), "GET", target + query);
      CHECK(response.status == 400);
      CHECK_THAT(json::parse(response.body).at("detail").get<std::string>(),
                 EndsWith("; the columns of 'orders' are: id bigint, status text"));
    }
  }
  for (const auto* query :
       {"select=note", "select=id,note", "select=x:note", "select=x:\"note\"",
        "last_event_id=earliest&until=now&note=eq.secret", "since=2020-01-01&note=eq.secret",
        "last_event_id=earliest&until=now&select=doc"}) {
    INFO(query);
    CHECK(fetch(node.port(), "GET", std::string("/v1/streams/orders?") + query).status == 400);
  }
}

TEST_CASE("A row's tag does not tell the columns that a token hides") {
  Shop shop;
  GrantedNode node(shop.database().url(), {{"blind", {.columns = {"status"}, .write = true}}});
  const auto ask = [&](std::string_view method, std::string_view body, std::string_view tag) {
    std::vector<http::Header> headers{{"Authorization", "blind"}};
    if (!body.empty()) headers.push_back({"Content-Type", "application/json"});
    if (!tag.empty()) headers.push_back({"If-Match", std::string(tag)});
    auto response = fetch(node.port(), method, "/v1/orders/1", body, headers);
    CHECK_THAT(response.body, !Contains("secret"));
    return response;
  };
  const auto read = ask("GET", {}, {});
  REQUIRE(read.status == 200);
  const std::string tag(read.header("ETag").value());
  // Whoever could compute it from the row could try what the hidden columns are.
  const auto guess = shop.database().scalar(
      "SELECT left(encode(sha256(convert_to(row_to_json(r)::text, 'UTF8')), 'hex'), 32)"
      " FROM (SELECT id::text, status, note, doc FROM orders) r");
  CHECK(tag != '"' + guess + '"');
  CHECK(ask("PATCH", R"({"status":"packed"})", "\"" + guess + "\"").status == 412);
  CHECK(ask("PATCH", R"({"note":"x"})", tag).status == 422);
  CHECK(ask("PATCH", R"({"status":"packed"})", tag).status == 200);
}

}  // namespace
}  // namespace ordercast
