// GET /v1/streams says what streams there are.
#include <catch2/catch.hpp>
#include <nlohmann/json.hpp>
#include <string>
#include <vector>

#include "support/eventually.h"
#include "support/granted_node.h"
#include "support/node.h"
#include "support/test_database.h"

namespace ordercast {
namespace {

using namespace testing;
using nlohmann::json;

TEST_CASE("The streams are described with columns, key, tenant and what is kept") {
  TestDatabase database;
  database.exec(
      "CREATE TABLE public.orders (id bigint PRIMARY KEY, merchant_id int, total numeric(12,2),"
      "  secret text);"
      "CREATE TABLE public.lines (shop int, number int, PRIMARY KEY (number, shop));"
      "SELECT ordercast.watch('public.orders', tenant => 'merchant_id', columns => '{total}'),"
      "  ordercast.watch('public.lines'), ordercast.set_retention('36 hours', '1 GB')");
  ServedNode node(database);
  const auto response = node.get("/v1/streams");
  CHECK(response.status == 200);
  CHECK(response.header("Content-Type") == "application/json");
  const auto body = json::parse(response.body);

  const auto& streams = body.at("streams");
  REQUIRE(streams.size() == 2);
  CHECK(streams[0].at("name") == "lines");
  CHECK(streams[0].at("key") == json({"number", "shop"}));
  CHECK(streams[0].at("tenant") == nullptr);
  const auto& orders = streams[1];
  CHECK(orders.at("name") == "orders");
  const json columns = {{{"name", "id"}, {"type", "bigint"}},
                        {{"name", "merchant_id"}, {"type", "integer"}},
                        {{"name", "total"}, {"type", "numeric(12,2)"}}};
  CHECK(orders.at("columns") == columns);
  CHECK(orders.at("tenant") == "merchant_id");
  CHECK(orders.at("path") == "/v1/streams/orders");
  // With the host that was asked.
  CHECK(orders.at("curl") == "curl -N 'http://localhost/v1/streams/orders?snapshot=true'");
  CHECK_THAT(response.body, !Catch::Contains("secret"));

  const auto& retention = body.at("retention");
  CHECK(retention.at("age_seconds") == 36 * 3600);
  CHECK(retention.at("max_bytes") == 1 << 30);
  CHECK(retention.at("bytes") > 0);
  const auto oldest = database.scalar(
      "SELECT to_char(min(at) AT TIME ZONE 'UTC', 'YYYY-MM-DD\"T\"HH24:MI:SS.US\"Z\"')"
      " FROM ordercast.change_log");
  CHECK(retention.at("oldest") == oldest);

  // The database's clock: between two looks at it.
  const std::string clock =
      "SELECT to_char(clock_timestamp() AT TIME ZONE 'UTC', 'YYYY-MM-DD\"T\"HH24:MI:SS.US\"Z\"')";
  const auto before = database.scalar(clock);
  const auto now = json::parse(node.get("/v1/streams").body).at("now").get<std::string>();
  CHECK(before < now);
  CHECK(now < database.scalar(clock));
}

TEST_CASE("The example is one that works for who asks: over TLS, and with a token") {
  TestDatabase database;
  database.exec("CREATE TABLE public.t (id int PRIMARY KEY); SELECT ordercast.watch('public.t')");
  const auto example = [](std::uint16_t port, const std::vector<http::Header>& headers) {
    const auto response = fetch(port, "GET", "/v1/streams", {}, headers);
    return json::parse(response.body).at("streams")[0].at("curl").get<std::string>();
  };
  ServedNode node(database, {"--trusted-proxy", "127.0.0.1"});
  CHECK(example(node.port(), {{"X-Forwarded-Proto", "https"}}) ==
        "curl -N 'https://localhost/v1/streams/t?snapshot=true'");
  GrantedNode granted(database.url(), {{"app", {.fingerprint = "0f3a"}}});
  CHECK(example(granted.port(), {{"Authorization", "app"}}) ==
        "curl -N -H \"Authorization: Bearer $TOKEN\" "
        "'http://localhost/v1/streams/t?snapshot=true'");
}

TEST_CASE("A server without streams describes none, and tells of those that come") {
  TestDatabase database;
  ServedNode node(database);
  const auto none = json::parse(node.get("/v1/streams").body);
  CHECK(none.at("streams").empty());
  CHECK(none.at("retention").at("max_bytes") == nullptr);
  CHECK(none.at("retention").at("oldest") == nullptr);
  database.exec("CREATE TABLE public.t (id int PRIMARY KEY); SELECT ordercast.watch('public.t')");
  CHECK(eventually(
      [&] { return json::parse(node.get("/v1/streams").body).at("streams").size() == 1; }));
}

}  // namespace
}  // namespace ordercast
