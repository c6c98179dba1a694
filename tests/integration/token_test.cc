// Tokens on a real node: made by the command, ended by time, by SQL and by new keys; and what is
// refused at the start.
#include <fmt/format.h>

#include <algorithm>
#include <catch2/catch.hpp>
#include <chrono>
#include <csignal>
#include <fstream>
#include <iterator>
#include <memory>
#include <nlohmann/json.hpp>
#include <string>
#include <vector>

#include "support/eventually.h"
#include "support/http_client.h"
#include "support/node.h"
#include "support/orders_table.h"
#include "support/temp_dir.h"
#include "support/test_keys.h"

namespace ordercast {
namespace {

using namespace testing;
using namespace std::chrono_literals;
using Catch::Contains;
using Clock = std::chrono::system_clock;
using nlohmann::json;

constexpr char kStream[] = "/v1/streams/orders";
// Longer than any test: no heartbeat helps a stream to its end.
const std::vector<std::string> kSilent = {"--heartbeat-ms", "60000"};

http::Header bearer(const std::string& token) {
  return {"Authorization", "Bearer " + token};
}

struct Keys {
  Keys() {
    write_private(secret(), hmac_secret().material);
    write_private(rsa(), rsa_pair().public_pem);
  }
  [[nodiscard]] std::filesystem::path secret() const { return dir.path() / "secret"; }
  [[nodiscard]] std::filesystem::path rsa() const { return dir.path() / "rsa.pem"; }
  TempDir dir;
};

std::vector<std::string> with(std::vector<std::string> more, const std::vector<std::string>& base) {
  more.insert(more.end(), base.begin(), base.end());
  return more;
}

std::string token(const json& more = json::object(), const json& ours = json::object()) {
  auto claims = good_claims();
  claims.update(more);
  claims["ordercast"].update(ours);
  return token_of(hmac_secret(), claims);
}

int status(const ServedNode& node, const std::string& token) {
  return fetch(node.port(), "GET", "/v1/streams", {}, {bearer(token)}).status;
}

std::string reason(const SseEvent& end) {
  return json::parse(end.data).at("reason");
}

TEST_CASE("A stream ends within a second of its token, and says so") {
  OrdersTable orders;
  const Keys keys;
  ServedNode node(orders.database(), with(kSilent, {"--jwt-key", keys.secret().string()}));
  CHECK(node.get(kStream).status == 401);
  // The best of three, so far apart that a machine that stands still for a while does not meet
  // all: that it is busy must not matter, that each stream ends late must.
  struct Stay {
    std::int64_t expires;
    std::unique_ptr<EventStreamClient> client;
  };
  std::vector<Stay> stays;
  for (const auto lasts : {6s, 10s, 14s}) {
    const auto expires = seconds_from_now(lasts);
    const auto mine = token({{"exp", expires}});
    stays.push_back({expires, std::make_unique<EventStreamClient>(
                                  node.port(), kStream, std::vector<http::Header>{bearer(mine)})});
    CHECK(stays.back().client->response().status == 200);
  }
  orders.exec("INSERT INTO orders (id) VALUES (1)");
  for (const auto& stay : stays) stay.client->next_of_type("insert");
  std::string id;
  auto best = Clock::duration::max();
  for (auto stay = stays.begin(); stay != stays.end() && best >= 1s * kSlowness; ++stay) {
    const auto end = stay->client->next_of_type("end");
    const auto late = Clock::now() - Clock::time_point(std::chrono::seconds(stay->expires));
    CHECK(reason(end) == "token_expired");
    CHECK(late >= -50ms);
    best = std::min(best, late);
    CHECK(stay->client->next() == std::nullopt);
    CHECK(stay->client->ended_properly());
    CHECK(stay->client->decoder().retry().has_value());
    id = end.last_event_id;
  }
  CHECK(best < 1s * kSlowness);

  // With another token it goes on where it was.
  orders.exec("INSERT INTO orders (id) VALUES (2)");
  EventStreamClient again(node.port(), kStream, {bearer(token()), {"Last-Event-ID", id}});
  CHECK_THAT(again.next_of_type("insert").data, Contains(R"("id":"2")"));
}

TEST_CASE("A stream says whose it is: another token of one person is the same, another's is not") {
  OrdersTable orders;
  const Keys keys;
  ServedNode node(orders.database(), {"--jwt-key", keys.secret().string()});
  const auto hello_of = [&](const std::string& token, std::string_view last_event_id = {}) {
    std::vector<http::Header> headers = {bearer(token)};
    if (!last_event_id.empty()) headers.push_back({"Last-Event-ID", std::string(last_event_id)});
    EventStreamClient client(node.port(), kStream, headers);
    return client.next_of_type("hello");
  };
  const auto whose = [](const SseEvent& hello) -> std::string {
    return json::parse(hello.data).at("grant");
  };
  const auto hello = hello_of(token({{"sub", "ann"}, {"jti", "one"}}));
  const auto later = hello_of(
      token({{"sub", "ann"}, {"jti", "two"}, {"exp", seconds_from_now(2h)}}), hello.last_event_id);
  CHECK(whose(later) == whose(hello));
  const auto other = hello_of(token({{"sub", "bob"}}), hello.last_event_id);
  CHECK(json::parse(other.data).at("resumed") == true);
  CHECK(whose(other) != whose(hello));
  CHECK_THAT(hello.data, !Contains("ann"));

  ServedNode open(orders.database());
  CHECK_THAT(open.get(std::string(kStream) + "?until=now").body, !Contains("grant"));
}

TEST_CASE("What is revoked in SQL ends within seconds, and comes in no more") {
  OrdersTable orders;
  const Keys keys;
  ServedNode node(orders.database(), with(kSilent, {"--jwt-key", keys.secret().string()}));
  const auto open = [&](const std::string& token) {
    auto client = std::make_unique<EventStreamClient>(node.port(), kStream,
                                                      std::vector<http::Header>{bearer(token)});
    client->next_of_type("hello");
    return client;
  };
  const auto one = token({{"jti", "one"}});
  const auto seven = token({{"iat", seconds_from_now(-60s)}}, {{"tenant", "7"}});
  const auto other = token({{"jti", "other"}, {"iat", seconds_from_now(-60s)}});
  auto of_one = open(one);
  auto of_other = open(other);
  const auto ends_in_time = [&](EventStreamClient& client, const std::string& sql) {
    const auto begin = std::chrono::steady_clock::now();
    orders.exec(sql);
    CHECK(reason(client.next_of_type("end")) == "token_revoked");
    // It is looked for each 3 s, if no notification comes.
    CHECK(std::chrono::steady_clock::now() - begin < 15s * kSlowness);
    CHECK(client.next() == std::nullopt);
  };
  ends_in_time(*of_one, "SELECT ordercast.revoke(jti => 'one')");
  CHECK(status(node, one) == 401);
  CHECK(status(node, other) == 200);

  orders.exec("SELECT ordercast.revoke(tenant => '7')");
  CHECK(eventually([&] { return status(node, seven) == 401; }));
  const auto later = token({{"iat", seconds_from_now(5s)}}, {{"tenant", "7"}});
  CHECK(status(node, later) == 200);

  ends_in_time(*of_other, "SELECT ordercast.revoke(issued_before => now())");
  CHECK(status(node, other) == 401);
  CHECK(status(node, token()) == 401);  // it does not say when it was issued

  // A node that begins knows it, and one that is told it was a mistake, too.
  ServedNode second(orders.database(), {"--jwt-key", keys.secret().string()});
  CHECK(status(second, one) == 401);
  orders.exec("DELETE FROM ordercast.revocations");
  CHECK(eventually([&] { return status(second, one) == 200; }));
}

TEST_CASE("Signing out ends what the session has opened, and nothing else") {
  OrdersTable orders;
  const Keys keys;
  ServedNode node(orders.database(), with(kSilent, {"--jwt-key", keys.secret().string()}));
  const auto mine = token();
  const std::vector<http::Header> session = {{"Cookie", "ordercast=" + mine},
                                             {"Origin", "http://localhost"}};
  const auto issued = fetch(node.port(), "POST", "/v1/tickets", {}, session);
  const std::string ticket = json::parse(issued.body).at("ticket");
  EventStreamClient by_cookie(node.port(), kStream, session);
  EventStreamClient by_ticket(node.port(), fmt::format("{}?ticket={}", kStream, ticket));
  EventStreamClient by_bearer(node.port(), kStream, {bearer(mine)});
  EventStreamClient of_other(node.port(), kStream,
                             {{"Cookie", "ordercast=" + token({{"sub", "other"}})}});
  for (auto* client : {&by_cookie, &by_ticket, &by_bearer, &of_other})
    client->next_of_type("hello");

  CHECK(fetch(node.port(), "DELETE", "/v1/session", {}, session).status == 204);
  for (auto* client : {&by_cookie, &by_ticket}) {
    CHECK(reason(client->next_of_type("end")) == "signed_out");
    CHECK(client->next() == std::nullopt);
  }
  orders.exec("INSERT INTO orders (id) VALUES (1)");
  by_bearer.next_of_type("insert");
  of_other.next_of_type("insert");
}

TEST_CASE("Revoking needs a right of its own, and something to revoke") {
  OrdersTable orders;
  CHECK_THROWS_WITH(orders.exec("SELECT ordercast.revoke()"), Contains("say which tokens"));
  orders.exec("CREATE ROLE app; SELECT ordercast.grant_reader('app')");
  CHECK_THROWS_WITH(orders.exec("SET ROLE app; SELECT ordercast.revoke(jti => 'x')"),
                    Contains("permission denied"));
  orders.exec("SELECT ordercast.grant_revoker('app')");
  CHECK_NOTHROW(orders.exec("SET ROLE app; SELECT ordercast.revoke(jti => 'x')"));
  orders.exec("RESET ROLE; DROP OWNED BY app; DROP ROLE app");
}

TEST_CASE("On SIGHUP the keys are read again; bad ones change nothing") {
  OrdersTable orders;
  const Keys keys;
  ServedNode node(orders.database(), {"--jwt-key", keys.secret().string()});
  const auto logged = [&](const std::string& text) {
    return eventually([&] { return node.process().stderr_text().find(text) != std::string::npos; });
  };
  const auto old_token = token();
  EventStreamClient client(node.port(), kStream, {bearer(old_token)});
  write_private(keys.secret(), "too short");
  node.process().signal(SIGHUP);
  CHECK(logged("too weak"));
  CHECK(status(node, old_token) == 200);

  const auth::SigningKey next{auth::Algorithm::kHs256, std::string(40, 'n')};
  write_private(keys.secret(), next.material);
  node.process().signal(SIGHUP);
  CHECK(eventually([&] { return status(node, old_token) == 401; }));
  CHECK(status(node, token_of(next, good_claims())) == 200);
  // What was opened goes on.
  orders.exec("INSERT INTO orders (id) VALUES (1)");
  client.next_of_type("insert");
  CHECK(node.stop(SIGTERM).success());
}

TEST_CASE("A stream lasts no longer than it may, and its client resumes") {
  OrdersTable orders;
  ServedNode node(orders.database(), with(kSilent, {"--max-stream-lifetime-s", "3"}));
  EventStreamClient client(node.port(), kStream);
  const auto end = client.next_of_type("end");
  CHECK(reason(end) == "lifetime");
  CHECK(client.next() == std::nullopt);
  orders.exec("INSERT INTO orders (id) VALUES (1)");
  EventStreamClient again(node.port(), kStream, {{"Last-Event-ID", end.last_event_id}});
  again.next_of_type("insert");
}

TEST_CASE("Neither log nor command line show a secret") {
  OrdersTable orders;
  const Keys keys;
  ServedNode node(orders.database(), {"--jwt-key", keys.secret().string(), "--log-level", "debug"});
  const auto good = token();
  const auto bad = token() + "x";
  CHECK(status(node, good) == 200);
  CHECK(status(node, bad) == 401);
  const auto issued = fetch(node.port(), "POST", "/v1/tickets", {}, {bearer(good)});
  const std::string ticket = json::parse(issued.body).at("ticket");
  EventStreamClient(node.port(), fmt::format("{}?ticket={}", kStream, ticket))
      .next_of_type("hello");
  CHECK(fetch(node.port(), "POST", "/v1/session", {}, {bearer(good)}).status == 204);
  CHECK(fetch(node.port(), "GET", "/v1/streams", {}, {{"Cookie", "ordercast=" + good}}).status ==
        200);
  CHECK(fetch(node.port(), "GET", "/v1/streams?access_token=" + good).status == 401);

  std::ifstream file(fmt::format("/proc/{}/cmdline", node.process().pid()));
  const std::string cmdline{std::istreambuf_iterator<char>(file), {}};
  CHECK(node.stop(SIGTERM).success());
  const auto log = node.process().stderr_text();
  for (const auto& secret : {hmac_secret().material, good, bad, ticket}) {
    CHECK(log.find(secret) == std::string::npos);
    CHECK(log.find(secret.substr(secret.size() / 2)) == std::string::npos);
    CHECK(cmdline.find(secret) == std::string::npos);
  }
}

TEST_CASE("The command makes tokens that a server takes, and says why one is refused") {
  const Keys keys;
  write_private(keys.dir.path() / "signing", rsa_pair().secret.material);
  const auto made =
      run_ordercast({"token", "mint", "--key", keys.dir.path() / "signing", "--ttl", "15m",
                     "--tenant", "7", "--stream", "orders", "--write", "--issuer", "shop"});
  INFO(made.err);
  REQUIRE(made.code == 0);
  const auto verify = [&](const std::string& token, std::vector<std::string> more = {}) {
    std::ofstream(keys.dir.path() / "token") << token;
    std::string command = "\"$ORDERCAST_BINARY\" token verify --jwt-key " + keys.rsa().string();
    for (const auto& word : more) command += " " + word;
    command += " < " + (keys.dir.path() / "token").string();
    TestProcess process({"sh", "-c", command + " 2>&1"});
    auto text = process.read_rest();
    return std::pair(process.wait().code, text);
  };
  const auto [code, text] = verify(made.out);
  CHECK(code == 0);
  CHECK_THAT(text, Contains(R"("tenant":"7")") && Contains("valid until"));
  CHECK_THAT(verify(made.out, {"--jwt-issuer", "other"}).second, Contains("another issuer"));
  CHECK_THAT(verify(token()).second, Contains("no key for its algorithm"));
  CHECK(verify("nonsense").first == 1);
  CHECK_THAT(run_ordercast({"token", "mint", "--key", keys.secret()}).err,
             Contains("--all-tenants"));
  CHECK_THAT(run_ordercast({"token", "mint", "--key", keys.rsa(), "--all-tenants"}).err,
             Contains("no private key"));
}

TEST_CASE("What would be unsafe is refused at the start, with the reason") {
  const Keys keys;
  write_private(keys.dir.path() / "short", "short");
  write_private(keys.dir.path() / "open", std::string(40, 's'));
  std::filesystem::permissions(keys.dir.path() / "open", std::filesystem::perms(0644));
  const std::string nowhere = "host=127.0.0.1 port=1 connect_timeout=1";
  const auto refusal = [&](const std::vector<std::string>& more,
                           const std::string& database = std::string()) {
    const auto result = run_ordercast(with(
        {"serve", "--database", database.empty() ? nowhere : database, "--listen", "127.0.0.1:0"},
        more));
    CHECK(result.code != 0);
    return result.err;
  };
  const auto key = keys.secret().string();
  CHECK_THAT(refusal({"--jwt-key", keys.dir.path() / "short"}), Contains("5 bytes is too weak"));
  CHECK_THAT(refusal({"--jwt-key", keys.dir.path() / "open"}), Contains("chmod o-r"));
  CHECK_THAT(refusal({"--jwt-key", "/nonexistent"}), Contains("/nonexistent"));
  CHECK_THAT(refusal({"--jwt-key", key, "--jwt-algorithm", "RS256"}), Contains("no key for RS256"));
  CHECK_THAT(refusal({"--jwt-key", key, "--jwt-algorithm", "none"}), Contains("none"));
  CHECK_THAT(refusal({"--jwt-key", key, "--cors-origin", "*"}), Contains("--no-sessions"));
  CHECK_THAT(refusal({"--cors-origin", "*"}), Contains("--jwt-key"));
  CHECK_THAT(refusal({"--cors-origin", "shop.example"}), Contains("https://shop.example"));
  CHECK_THAT(refusal({}, "postgresql://u:hunter2@db.example/shop"),
             Contains("db.example") && Contains("verify-full") && !Contains("hunter2"));
}

TEST_CASE("With tokens an address of all networks needs no --open") {
  const Keys keys;
  auto process =
      TestProcess::ordercast({"serve", "--database", "host=127.0.0.1 port=1 connect_timeout=1",
                              "--listen", "0.0.0.0:0", "--jwt-key", keys.secret().string()});
  CHECK_THAT(process.wait_for_line("listening on "), Catch::StartsWith("http://0.0.0.0:"));
  process.signal(SIGTERM);
  CHECK(process.wait().success());
}

}  // namespace
}  // namespace ordercast
