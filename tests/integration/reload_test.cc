// SIGHUP on a node that serves: what it changes is in force for whoever comes then, who is inside
// stays, and what takes a restart is named. Of a file with something wrong: config_test.cc.
#include <fmt/format.h>

#include <catch2/catch.hpp>
#include <csignal>
#include <nlohmann/json.hpp>
#include <sstream>
#include <string>
#include <vector>

#include "support/config_file.h"
#include "support/event_client.h"
#include "support/eventually.h"
#include "support/metrics_page.h"
#include "support/node.h"
#include "support/orders_table.h"
#include "support/temp_dir.h"
#include "support/test_keys.h"

namespace ordercast {
namespace {

using namespace testing;
using Catch::Contains;

constexpr char kStream[] = "/v1/streams/orders";
const http::Header kNdjson{"Accept", "application/x-ndjson"};

// A node with a file, in the place of which others can be put.
class Reloaded {
 public:
  explicit Reloaded(const std::string& text)
      : file_(text), node_(orders_.database(), {"--config", file_.path()}) {}

  // Returns when the log says `said`.
  void reload(const std::string& text, const std::string& said) {
    file_.write(text);
    node_.process().signal(SIGHUP);
    if (eventually([&] { return log().find(said) != std::string::npos; })) return;
    FAIL("the log does not say \"" << said << "\": " << log());
  }
  // What its lines say.
  [[nodiscard]] std::string log() {
    // Of a line that is being written a part may be there.
    const auto written = node_.process().stderr_text();
    std::istringstream lines(written.substr(0, written.rfind('\n') + 1));
    std::string text;
    for (std::string line; std::getline(lines, line);)
      text += nlohmann::json::parse(line).at("msg").get<std::string>() + '\n';
    return text;
  }
  [[nodiscard]] ServedNode& node() { return node_; }
  [[nodiscard]] OrdersTable& orders() { return orders_; }

 private:
  OrdersTable orders_;
  TestConfigFile file_;
  ServedNode node_;
};

int status(const ServedNode& node, std::vector<http::Header> headers = {}) {
  headers.push_back(kNdjson);
  return fetch(node.port(), "GET", std::string(kStream) + "?until=now&last_event_id=earliest", {},
               headers)
      .status;
}

TEST_CASE("SIGHUP: proxies that are trusted from now on name their clients") {
  Reloaded it("max-connections-per-address = 1\n");
  const std::vector<http::Header> from_one{{"X-Forwarded-For", "198.51.100.7"}};
  EventStreamClient first(it.node().port(), kStream, from_one);
  first.next_of_type("hello");
  CHECK(status(it.node(), from_one) == 200);  // programs of this machine are not counted
  it.reload("max-connections-per-address = 1\ntrusted-proxy = \"127.0.0.1\"\n",
            "configuration: trusted-proxy = ");
  EventStreamClient second(it.node().port(), kStream, from_one);
  second.next_of_type("hello");
  CHECK(status(it.node(), from_one) == 429);
  it.reload("max-connections-per-address = 1\n", "trusted-proxy = [], was ");
  CHECK(status(it.node(), from_one) == 200);
}

TEST_CASE("SIGHUP: the number of connections; who is inside stays") {
  Reloaded it("max-connections = 10\n");
  EventClient inside(it.node().port());
  it.reload("max-connections = 1\nmax-streams = 5\n", "configuration: max-connections = 1, was 10");
  CHECK(status(it.node()) == 503);
  CHECK(it.node().get("/livez").status == 200);
  it.orders().exec("INSERT INTO orders (id) VALUES (1)");
  inside.expect("insert");
  it.reload("max-connections = 2\nmax-streams = 5\n", "configuration: max-connections = 2, was 1");
  // Whoever was refused may not have gone yet.
  CHECK(eventually([&] { return status(it.node()) == 200; }));
}

TEST_CASE("SIGHUP: how long streams last that begin from now on") {
  Reloaded it("");
  EventClient before(it.node().port());
  it.reload("max-stream-lifetime-s = 1\n", "configuration: max-stream-lifetime-s = 1, was 0");
  EventStreamClient after(it.node().port(), kStream);
  CHECK(nlohmann::json::parse(after.next_of_type("end").data).at("reason") == "lifetime");
  it.orders().exec("INSERT INTO orders (id) VALUES (1)");
  before.expect("insert");
}

TEST_CASE("SIGHUP: how many clients are read for at once; those who wait have their turn") {
  Reloaded it("history-connections = 1\n");
  const auto waiting = [&] {
    return MetricsPage(it.node().get("/metrics").body).value("ordercast_history_waiting");
  };
  const auto session = it.orders().session();
  pqxx::work lock(*session);
  lock.exec("LOCK TABLE public.orders IN ACCESS EXCLUSIVE MODE");
  // Different rows, so that none shares another's reading.
  std::vector<EventStreamClient> clients;
  for (const auto* rows : {"id=eq.1", "id=eq.2", "id=eq.3"}) {
    clients.emplace_back(it.node().port(), fmt::format("{}?snapshot=true&{}", kStream, rows));
  }
  REQUIRE(eventually([&] { return waiting() == 2; }));
  it.reload("history-connections = 3\n", "configuration: history-connections = 3, was 1");
  CHECK(eventually([&] { return waiting() == 0; }));
  lock.commit();
  for (auto& client : clients) client.next_of_type("ready");
}

TEST_CASE("SIGHUP: over how long the streams are ended") {
  Reloaded it("drain-ms = 600000\n");
  EventClient first(it.node().port());
  EventClient second(it.node().port());
  it.reload("drain-ms = 1\n", "configuration: drain-ms = 1, was 600000");
  CHECK(it.node().stop(SIGTERM).success());
  CHECK_THAT(it.log(), Contains("streams end within 1 ms"));
}

// A file with the secret of a key.
class Secret {
 public:
  explicit Secret(char c) : key_{auth::Algorithm::kHs256, std::string(40, c)} {
    write_private(path(), key_.material);
  }
  [[nodiscard]] std::string path() const { return dir_.path() / "secret"; }
  [[nodiscard]] http::Header bearer(const nlohmann::json& claims = good_claims()) const {
    return {"Authorization", "Bearer " + token_of(key_, claims)};
  }

 private:
  TempDir dir_;
  auth::SigningKey key_;
};

TEST_CASE(
    "SIGHUP: the files of keys and the rules of tokens; whether they are asked for does not "
    "change") {
  const Secret old_key('o');
  const Secret new_key('n');
  const auto keys = [](const std::string& more) { return fmt::format("jwt-key = [{}]\n", more); };
  const auto name = [](const Secret& secret) { return fmt::format("\"{}\"", secret.path()); };
  Reloaded it(keys(name(old_key)));
  CHECK(status(it.node(), {old_key.bearer()}) == 200);
  CHECK(status(it.node(), {new_key.bearer()}) == 401);

  const auto both = keys(name(old_key) + ", " + name(new_key));
  it.reload(both, "tokens: 2 keys read again");
  CHECK(status(it.node(), {old_key.bearer()}) == 200);
  CHECK(status(it.node(), {new_key.bearer()}) == 200);

  it.reload(both + "jwt-issuer = \"shop\"\n", "configuration: jwt-issuer = \"shop\"");
  CHECK(status(it.node(), {new_key.bearer()}) == 401);
  auto issued = good_claims();
  issued["iss"] = "shop";
  CHECK(status(it.node(), {new_key.bearer(issued)}) == 200);

  // Nothing of a file that cannot be obeyed.
  it.reload("max-streams = 1\n",
            "jwt-key: to begin to ask for tokens, or to end it, takes a restart");
  it.reload(keys("\"/nowhere\"") + "max-streams = 1\n", "/nowhere");
  CHECK_THAT(it.log(), !Contains("configuration: max-streams"));
  CHECK(status(it.node()) == 401);
  CHECK(status(it.node(), {new_key.bearer(issued)}) == 200);
}

TEST_CASE("SIGHUP: each option that it does not change is named in the log, and stays") {
  Reloaded it("");
  it.reload(
      "heartbeat-ms = 100\nmetrics-listen = \"off\"\nlog-format = \"text\"\nwake = \"poll\"\n"
      "no-sessions = true\ncors-origin = \"https://shop.example\"\nallowed-host = \"shop\"\n"
      "desk = true\n",
      "configuration: desk = true, was false: needs a restart");  // the last of them
  const auto log = it.log();
  for (const auto* key : {"heartbeat-ms", "metrics-listen", "log-format", "wake", "no-sessions",
                          "cors-origin", "allowed-host", "desk"}) {
    INFO(key << ": " << log);
    const auto line = log.find(fmt::format("configuration: {} = ", key));
    REQUIRE(line != log.npos);
    CHECK(log.substr(line, log.find('\n', line) - line).find("needs a restart") != log.npos);
  }
  CHECK(it.node().get("/metrics").status == 200);
  EventStreamClient client(it.node().port(), kStream);
  const auto hello = nlohmann::json::parse(client.next_of_type("hello").data);
  CHECK(hello.at("heartbeat_ms") == 15'000);
}

}  // namespace
}  // namespace ordercast
