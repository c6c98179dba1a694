#include "http/order_desk_handler.h"

#include <catch2/catch.hpp>
#include <nlohmann/json.hpp>

#include "http/access.h"
#include "support/fake_desk.h"
#include "support/http_client.h"
#include "support/hub_fixture.h"

namespace ordercast::testing {
namespace {

using nlohmann::json;

const std::vector<http::Header> kJson = {{"Content-Type", "application/json"}};
const DeskRow kRow{{"7"}, R"({"id":"7","status":"paid"})", "aa11"};

struct Site {
  explicit Site(bool open = true, std::vector<std::string> key = {"id"}) {
    auto catalog = std::make_shared<Catalog>();
    (*catalog)["orders"] = {.name = "orders",
                            .table = "public.orders",
                            .key = std::move(key),
                            .columns = {{"id", "bigint", "bigint"}},
                            .tenant = {}};
    fixture.hub.set_catalog(catalog);
    add_order_desk_routes(server, fixture.hub, fixture.log, desk);
    server.admit_by(std::make_shared<http::OpenAccess>(open, std::vector<std::string>()), {});
    server.start("127.0.0.1", 0);
  }
  ~Site() { server.stop(); }

  HttpResponse ask(std::string_view method, std::string_view target, std::string_view body = {},
                   std::vector<http::Header> more = {}) {
    if (!body.empty()) more.insert(more.end(), kJson.begin(), kJson.end());
    return fetch(server.port(), method, target, body, more);
  }

  HubFixture fixture;
  FakeDesk desk;
  http::Server server;
};

}  // namespace

TEST_CASE("an order is answered with its tag, and a missing one with 404") {
  Site site;
  CHECK(site.ask("GET", "/v1/orders/7").status == 404);
  site.desk.found = kRow;
  const auto response = site.ask("GET", "/v1/orders/a%2Fb");
  CHECK(response.status == 200);
  CHECK(response.header("ETag") == "\"aa11\"");
  CHECK(json::parse(response.body) == json{{"row", json::parse(kRow.row)}});
  CHECK(site.desk.stream == "orders");
  CHECK(site.desk.key == std::vector<std::string>{"a/b"});
}

TEST_CASE("a new order is answered with where it is") {
  Site site;
  site.desk.result = DeskRow{{"7/a"}, kRow.row, kRow.tag};
  const auto response = site.ask("POST", "/v1/orders", R"({"status":"paid"})");
  CHECK(response.status == 201);
  CHECK(response.header("Location") == "/v1/orders/7%2Fa");
  CHECK(response.header("ETag") == "\"aa11\"");
  CHECK(site.desk.text == R"({"status":"paid"})");
}

TEST_CASE("a change is asked for with the tags of If-Match, or none") {
  Site site;
  site.desk.result = kRow;
  CHECK(site.ask("PATCH", "/v1/orders/7", "{\"a\":1}").status == 200);
  CHECK_FALSE(site.desk.tags);
  CHECK(site.ask("PATCH", "/v1/orders/7", "{\"a\":1}", {{"If-Match", "*"}}).status == 200);
  CHECK_FALSE(site.desk.tags);
  CHECK(site.ask("PATCH", "/v1/orders/7", "{\"a\":1}", {{"If-Match", "\"x\", \"y\""}}).status ==
        200);
  CHECK(site.desk.tags == std::vector<std::string>{"x", "y"});
  // None that could match: not the same as none at all.
  CHECK(site.ask("PATCH", "/v1/orders/7", "{\"a\":1}", {{"If-Match", "W/\"x\""}}).status == 200);
  CHECK(site.desk.tags == std::vector<std::string>{});
}

TEST_CASE("who changes what has changed is shown the row as it is now") {
  Site site;
  site.desk.result = RowChanged{kRow};
  const auto response = site.ask("PATCH", "/v1/orders/7", "{\"a\":1}", {{"If-Match", "\"x\""}});
  CHECK(response.status == 412);
  CHECK(response.header("Content-Type") == "application/problem+json");
  CHECK(response.header("ETag") == "\"aa11\"");
  CHECK(json::parse(response.body)["row"] == json::parse(kRow.row));
}

TEST_CASE("requests that cannot be meant are refused before the desk is asked") {
  Site site;
  CHECK(site.ask("PATCH", "/v1/orders/7", "{}").status == 422);
  CHECK(site.ask("PATCH", "/v1/orders/7", "{\"a\":1}", {{"If-Match", "x"}}).status == 400);
  CHECK(site.ask("PATCH", "/v1/orders/7", "[]").status == 400);
  CHECK(site.ask("POST", "/v1/orders", "{", {}).status == 400);
  CHECK(fetch(site.server.port(), "POST", "/v1/orders", "{}").status == 415);
  CHECK(site.ask("POST", "/v1/orders", "{}", {{"Origin", "http://evil.example"}}).status == 403);
  CHECK(site.ask("POST", "/v1/orders", "{}", {{"Sec-Fetch-Site", "cross-site"}}).status == 403);
  CHECK(site.ask("POST", "/v1/orders", std::string(65 * 1024, ' ')).status == 413);
  CHECK(site.ask("DELETE", "/v1/orders/7").header("Allow") == "GET, HEAD, PATCH, OPTIONS");
  CHECK(site.desk.asked == 0);
}

TEST_CASE("a desk that is closed reads, and writes nothing") {
  Site site(/*open=*/false);
  site.desk.found = kRow;
  CHECK(site.ask("GET", "/v1/orders/7").status == 200);
  CHECK(site.ask("GET", "/v1/orders").status == 200);
  for (const auto& response : {site.ask("POST", "/v1/orders", "{\"a\":1}"),
                               site.ask("PATCH", "/v1/orders/7", "{\"a\":1}")}) {
    CHECK(response.status == 403);
    CHECK(json::parse(response.body)["code"] == "desk_closed");
  }
  CHECK(site.desk.asked == 1);
}

TEST_CASE("a key of several columns has no path") {
  Site site(true, {"shop", "number"});
  for (const auto& response :
       {site.ask("GET", "/v1/orders/7"), site.ask("PATCH", "/v1/orders/7", "{\"a\":1}")}) {
    CHECK(response.status == 409);
    CHECK_THAT(response.body, Catch::Contains("shop=eq.…&number=eq.…"));
  }
  CHECK(site.desk.asked == 0);
  site.desk.result = DeskRow{{"1", "2"}, kRow.row, kRow.tag};
  const auto made = site.ask("POST", "/v1/orders", "{}");
  CHECK(made.status == 201);
  CHECK_FALSE(made.header("Location"));
}

TEST_CASE("a database that is away, and a commit in doubt, are told apart") {
  Site site;
  site.desk.fault = [] { throw HistoryUnavailable("password=hunter2"); };
  for (const auto& response :
       {site.ask("GET", "/v1/orders/7"), site.ask("POST", "/v1/orders", "{}")}) {
    CHECK(response.status == 503);
    CHECK(response.header("Retry-After"));
    CHECK(json::parse(response.body)["code"] == "database_down");
    CHECK_THAT(response.body, !Catch::Contains("hunter2"));
  }
  site.desk.fault = [] { throw OutcomeUnknown("x"); };
  const auto doubt = site.ask("POST", "/v1/orders", "{}");
  CHECK(doubt.status == 503);
  CHECK_FALSE(doubt.header("Retry-After"));
  CHECK(json::parse(doubt.body)["code"] == "outcome_unknown");
  site.fixture.log.set_available(false);
  CHECK(site.ask("GET", "/v1/orders").status == 503);
}

TEST_CASE("the rows come with a link to the stream that goes on from there") {
  Site site;
  for (int id = 1; id <= 3; ++id) site.fixture.log.commit_one("orders", id);
  const auto all = site.ask("GET", "/v1/orders");
  CHECK(json::parse(all.body)["rows"].size() == 3);
  CHECK(json::parse(all.body)["more"] == false);
  const auto cursor = Cursor{kEpoch, site.fixture.log.position()}.encode();
  CHECK(all.header("Link") == "</v1/streams/orders?last_event_id=" + cursor + ">; rel=\"monitor\"");

  const auto two = json::parse(site.ask("GET", "/v1/orders?limit=2").body);
  CHECK(two["rows"].size() == 2);
  CHECK(two["more"] == true);
  CHECK(json::parse(site.ask("GET", "/v1/orders?limit=0").body)["rows"].empty());
  CHECK(site.ask("GET", "/v1/orders?limit=1000").status == 200);
  for (const auto* query :
       {"limit=1001", "limit=-1", "limit=x", "nope=eq.1", "id=1", "order=nope", "limit=1&limit=2",
        "select=id", "events=eq.1", "snapshot=true", "last_event_id=1"}) {
    INFO(query);
    const auto refused = site.ask("GET", std::string("/v1/orders?") + query);
    CHECK(refused.status == 400);
    const auto problem = json::parse(refused.body);
    CHECK(problem["code"] == "bad_parameter");
    CHECK(std::string(query).starts_with(problem["parameter"].get<std::string>()));
  }
}

TEST_CASE("the link has the conditions of the list, and neither its order nor its limit") {
  Site site;
  const auto response = site.ask("GET", "/v1/orders?id=in.(1,2)&limit=5&order=id.desc&id=gte.1");
  REQUIRE(response.status == 200);
  const auto link = std::string(response.header("Link").value());
  CHECK_THAT(link, Catch::Contains("&id=in.%281%2C2%29&id=gte.1>; rel=\"monitor\""));
  CHECK_THAT(link, !Catch::Contains("limit") && !Catch::Contains("order="));
}

TEST_CASE("without a stream of that name there is no desk") {
  Site site;
  site.fixture.hub.set_catalog(std::make_shared<Catalog>());
  const auto response = site.ask("GET", "/v1/orders");
  CHECK(response.status == 404);
  CHECK(json::parse(response.body)["code"] == "unknown_stream");
}

}  // namespace ordercast::testing
