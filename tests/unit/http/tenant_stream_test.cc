// The second check of whose rows are written (core/whose.h), where the first was deceived: the log
// has a row whose JSON says one tenant, and its columns another.
#include <catch2/catch.hpp>
#include <nlohmann/json.hpp>
#include <string>

#include "http/stream_handler.h"
#include "support/eventually.h"
#include "support/granting.h"
#include "support/http_client.h"
#include "support/hub_fixture.h"
#include "support/orders_stream.h"

namespace ordercast::testing {
namespace {

// A stream of merchants' orders, and a request that may see those of merchant 4.
struct Site {
  Site() {
    server.admit_by(std::make_shared<const Granting>([](const http::Request&) {
                      return std::make_shared<const Grant>(Grant{.tenant = "4"});
                    }),
                    {});
    auto catalog = std::make_shared<Catalog>();
    auto stream = orders_stream();
    stream.tenant = "merchant_id";
    catalog->emplace("orders", stream);
    fixture.hub.set_catalog(catalog);
    http::add_stream_routes(server, fixture.hub, {});
    server.start("127.0.0.1", 0);
  }
  ~Site() {
    fixture.hub.close();
    server.stop();
  }

  // A page of one order of merchant 4, by its JSON; by the log's columns, of `tenant`.
  void publish(const std::string& status, const std::string& tenant) {
    const auto tx = fixture.at.seen.xmax;
    auto change = insert_of({.id = ++id, .status = status});
    change.seq = id;
    change.tx = tx;
    change.new_tenant = tenant;
    auto page = std::make_shared<const Batch>(
        Batch{fixture.at, {tx + 1, tx + 1, {}}, true, {std::move(change)}});
    fixture.at = page->end();
    fixture.hub.publish(std::move(page));
  }

  [[nodiscard]] EventStreamClient open(const std::string& cursor = {}) const {
    std::vector<http::Header> headers;
    if (!cursor.empty()) headers.push_back({"Last-Event-ID", cursor});
    return {server.port(), "/v1/streams/orders", headers};
  }

  HubFixture fixture;
  http::Server server;
  int id = 0;
};

void check_withheld(const Site& site, EventStreamClient& client) {
  const auto end = client.next();
  REQUIRE(end);
  CHECK(end->type == "end");
  CHECK(end->data == R"({"reason":"internal"})");
  CHECK_FALSE(client.next());
  CHECK(client.ended_properly());
  CHECK(site.fixture.hub.traffic().withheld.value() == 1);
}

}  // namespace

TEST_CASE("the fan-out ends a stream before a row that the log says is another tenant's") {
  Site site;
  auto client = site.open();
  CHECK(client.next_of_type("hello").type == "hello");
  REQUIRE(eventually([&] { return site.fixture.hub.status().caught_up == 1; }));
  site.publish("paid", "4");
  CHECK(client.next_of_type("insert").data.find("paid") != std::string::npos);
  site.publish("secret", "5");
  check_withheld(site, client);
}

TEST_CASE("so does the stream's own thread, out of the backlog") {
  Site site;
  const auto cursor = site.fixture.hub.status().head.encode();
  site.publish("paid", "4");
  site.publish("secret", "5");
  auto client = site.open(cursor);
  CHECK(client.next_of_type("insert").data.find("paid") != std::string::npos);
  check_withheld(site, client);
}

}  // namespace ordercast::testing
