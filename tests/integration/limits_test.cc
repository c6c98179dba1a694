// threats.md row 13 on a whole node: its limits hold, those inside miss nothing, and what watches
// over it finds it alive.
#include <catch2/catch.hpp>
#include <csignal>
#include <nlohmann/json.hpp>
#include <string>
#include <vector>

#include "support/event_client.h"
#include "support/eventually.h"
#include "support/node.h"
#include "support/orders_table.h"
#include "support/temp_dir.h"
#include "support/test_keys.h"

namespace ordercast {
namespace {

using namespace testing;

constexpr char kStream[] = "/v1/streams/orders";
const std::vector<http::Header> kEventSource = {{"Accept", "text/event-stream"}};

// What a refused EventSource is told: the code.
std::string refusal(std::uint16_t port, std::vector<http::Header> headers = {}) {
  headers.insert(headers.end(), kEventSource.begin(), kEventSource.end());
  EventStreamClient client(port, kStream, headers);
  REQUIRE(client.response().status == 200);
  const auto event = client.next();
  REQUIRE(event);
  CHECK(client.decoder().retry());
  CHECK_FALSE(client.next());  // the end
  return nlohmann::json::parse(event->data).value("refused", "");
}

int status_of_ndjson(std::uint16_t port) {
  return fetch(port, "GET", kStream, {}, {{"Accept", "application/x-ndjson"}}).status;
}

}  // namespace

TEST_CASE("At the limit of streams the next is refused, the others miss nothing, the node lives") {
  OrdersTable orders;
  ServedNode node(orders.database(), {"--max-streams", "3"});
  std::vector<EventClient> clients;
  for (int i = 0; i < 3; ++i) clients.emplace_back(node.port());
  for (int i = 0; i < 20; ++i) CHECK(refusal(node.port()) == "too_many_streams");
  CHECK(status_of_ndjson(node.port()) == 503);
  CHECK(node.get("/livez").status == 200);
  CHECK(node.get("/readyz").status == 200);
  CHECK(node.get("/v1/streams").status == 200);

  orders.exec("INSERT INTO orders (id) VALUES (1)");
  for (auto& client : clients) CHECK(client.expect("insert").at("key").at("id") == "1");
  clients.pop_back();
  CHECK(eventually([&] {
    EventStreamClient next(node.port(), kStream, kEventSource);
    return next.next()->type == "hello";
  }));
}

TEST_CASE("A tenant's tokens open so many streams, and other tenants have theirs") {
  OrdersTable orders;
  orders.exec("SELECT ordercast.watch('public.orders', tenant => 'merchant')");
  const TempDir dir;
  write_private(dir.path() / "secret", hmac_secret().material);
  ServedNode node(orders.database(),
                  {"--jwt-key", dir.path() / "secret", "--max-streams-per-tenant", "2"});
  const auto of = [](const std::string& tenant) {
    return EventClientOptions{.headers = {bearer_of(tenant)}};
  };
  std::vector<EventClient> clients;
  for (int i = 0; i < 2; ++i) clients.emplace_back(node.port(), of("7"));
  CHECK(refusal(node.port(), {bearer_of("7")}) == "too_many_tenant_streams");
  const auto other =
      fetch(node.port(), "GET", kStream, {}, {bearer_of("7"), {"Accept", "application/x-ndjson"}});
  CHECK(other.status == 429);
  CHECK(other.header("Retry-After"));
  // What is no stream is not counted.
  CHECK(fetch(node.port(), "GET", "/v1/streams", {}, {bearer_of("7")}).status == 200);

  EventClient eight(node.port(), of("8"));
  orders.exec("INSERT INTO orders (id, merchant) VALUES (1, 7), (2, 8)");
  for (auto& client : clients) CHECK(client.expect("insert").at("key").at("id") == "1");
  CHECK(eight.expect("insert").at("key").at("id") == "2");

  clients.pop_back();
  CHECK(eventually([&] {
    EventStreamClient next(node.port(), kStream, {bearer_of("7"), kEventSource.front()});
    return next.next()->type == "hello";
  }));
}

TEST_CASE("Clients of one address have so many connections, as a trusted proxy names them") {
  OrdersTable orders;
  ServedNode node(orders.database(),
                  {"--max-connections-per-address", "2", "--trusted-proxy", "127.0.0.1"});
  const auto from = [](const char* client) {
    return std::vector<http::Header>{{"X-Forwarded-For", client}};
  };
  EventStreamClient first(node.port(), kStream, from("198.51.100.7"));
  EventStreamClient second(node.port(), kStream, from("198.51.100.7"));
  CHECK(first.next_of_type("hello").type == "hello");
  CHECK(second.next_of_type("hello").type == "hello");
  CHECK(refusal(node.port(), from("6.6.6.6, 198.51.100.7")) == "too_many_connections");
  const auto other = fetch(node.port(), "GET", "/v1/streams", {}, from("198.51.100.7"));
  CHECK(other.status == 429);
  CHECK(other.header("Retry-After"));
  CHECK(fetch(node.port(), "GET", "/v1/streams", {}, from("198.51.100.8")).status == 200);

  orders.exec("INSERT INTO orders (id) VALUES (1)");
  CHECK(first.next_of_type("insert").type == "insert");
  CHECK(second.next_of_type("insert").type == "insert");
}

TEST_CASE("A node serves as many as it may open files for, and warns who asked for more") {
  const auto warned = [](const std::string& more) {
    TestProcess process({"sh", "-c",
                         "ulimit -n 1000 && exec \"$ORDERCAST_BINARY\" serve --listen 127.0.0.1:0 "
                         "--database 'host=127.0.0.1 port=1 connect_timeout=1' " +
                             more});
    (void)process.wait_for_line("listening on ");
    const bool found = process.stderr_text().find("too few for") != std::string::npos;
    process.signal(SIGTERM);
    CHECK(process.wait().success());
    return found;
  };
  CHECK_FALSE(warned(""));
  CHECK_FALSE(warned("--max-connections 800"));
  CHECK(warned("--max-connections 801"));
}

TEST_CASE("A proxy that is none is refused at the start, with what was expected") {
  const auto result = run_ordercast({"serve", "--trusted-proxy", "10.1.2.3/8"});
  CHECK(result.code != 0);
  CHECK_THAT(result.err, Catch::Contains("10.0.0.0/8"));
}

}  // namespace ordercast
