// /metrics of the program itself: what it counts is what its clients got, its names keep to
// Prometheus' rules, and what the dashboard, the alerts and the documentation name is there.
#include <fmt/format.h>

#include <algorithm>
#include <catch2/catch.hpp>
#include <charconv>
#include <csignal>
#include <fstream>
#include <iterator>
#include <nlohmann/json.hpp>
#include <regex>
#include <set>
#include <sstream>
#include <string>
#include <vector>

#include "support/event_client.h"
#include "support/eventually.h"
#include "support/metrics_page.h"
#include "support/node.h"
#include "support/orders_table.h"

namespace ordercast {
namespace {

using namespace testing;
using Catch::Contains;

// A database that is never reached: serve goes on for ever.
constexpr char kNowhere[] = "host=127.0.0.1 port=1 connect_timeout=1";

MetricsPage scrape(const ServedNode& node) {
  return MetricsPage(node.get("/metrics").body);
}

std::string text_of(const std::string& path) {
  std::ifstream file(path);
  REQUIRE(file);
  return {std::istreambuf_iterator<char>(file), {}};
}

// What of a page is about what a scrape shows, from one heading to another: roles are called
// ordercast_reader and the like, too.
std::string between(const std::string& page, const std::string& first, const std::string& behind) {
  const auto begin = page.find("\n" + first + "\n");
  const auto end = page.find("\n" + behind + "\n");
  REQUIRE(begin < end);
  REQUIRE(end != page.npos);
  return page.substr(begin, end - begin);
}

// The metrics that a text names.
std::set<std::string> named_in(const std::string& text) {
  static const std::regex kName("\\b(ordercast|process)_[a-z_]+");
  std::set<std::string> names;
  for (auto match = std::sregex_iterator(text.begin(), text.end(), kName);
       match != std::sregex_iterator(); ++match) {
    names.insert(match->str());
  }
  return names;
}

// The samples of name{label=~"a|b"}: one for each value, as a page has them. What the scrape
// adds (instance, job) is none of a page's.
std::vector<std::string> samples_selected_in(const std::string& text) {
  static const std::regex kSelector(
      R"x(\b(ordercast_[a-z_]+)\{(reason|op|status)=~?"([a-z_|]+)"\})x");
  std::vector<std::string> samples;
  for (auto match = std::sregex_iterator(text.begin(), text.end(), kSelector);
       match != std::sregex_iterator(); ++match) {
    std::istringstream values((*match)[3].str());
    for (std::string value; std::getline(values, value, '|');)
      samples.push_back(
          fmt::format("{}{{{}=\"{}\"}}", (*match)[1].str(), (*match)[2].str(), value));
  }
  return samples;
}

TEST_CASE("A scrape says what was read, sent and ended") {
  OrdersTable orders;
  ServedNode node(orders.database());
  EventClient whole(node.port());
  EventClient filtered(node.port(), {.query = "status=eq.paid", .filtered = true});
  orders.exec("INSERT INTO orders (id) VALUES (1), (2)");
  orders.exec("UPDATE orders SET status = 'paid' WHERE id = 1");
  orders.exec("DELETE FROM orders WHERE id = 2");
  whole.take_until([&] { return whole.count("delete") == 1; });
  filtered.take_until([&] { return filtered.count("insert") == 1; });

  // The fan-out counts a round after it, and how long it took after that.
  CHECK(eventually([&] {
    const auto now = scrape(node);
    return now.value("ordercast_events_sent_total") == 5 &&
           now.value("ordercast_commit_to_send_seconds_count") >= 1;
  }));
  const auto page = scrape(node);
  CHECK(page.value(R"(ordercast_events_read_total{op="insert"})") == 2);
  CHECK(page.value(R"(ordercast_events_read_total{op="update"})") == 1);
  CHECK(page.value(R"(ordercast_events_read_total{op="delete"})") == 1);
  CHECK(page.value("ordercast_streams_active") == 2);
  CHECK(page.value("ordercast_streams_opened_total") == 2);
  CHECK(page.value("ordercast_db_up") == 1);
  CHECK(page.value("ordercast_db_connections_total") == 1);
  CHECK(page.value("ordercast_db_cursor_lag_seconds") < kPatience.count());
  const auto sends = page.value("ordercast_commit_to_send_seconds_count");
  CHECK(sends <= 3);
  CHECK(page.value("ordercast_commit_to_send_seconds_sum") < kPatience.count());
  CHECK(page.value("ordercast_bytes_sent_total") > 5 * 100);

  whole.drop();
  CHECK(eventually([&] {
    return scrape(node).value(R"(ordercast_streams_closed_total{reason="client_gone"})") == 1;
  }));
  whole.resume();
  CHECK(eventually([&] { return scrape(node).value("ordercast_replay_seconds_count") == 1; }));
}

TEST_CASE("The database's own numbers are there") {
  OrdersTable orders;
  orders.exec("INSERT INTO orders SELECT g FROM generate_series(1, 100) g");
  ServedNode node(orders.database());
  REQUIRE(eventually([&] { return scrape(node).names().contains("ordercast_change_log_rows"); }));
  const auto page = scrape(node);
  CHECK(page.value("ordercast_change_log_rows") >= 100);
  CHECK(page.value("ordercast_change_log_bytes") > 8192);
  CHECK(page.value("ordercast_change_log_oldest_seconds") < 3600);
  CHECK(page.value("ordercast_notify_queue_ratio") < 0.1);
  CHECK(page.value("ordercast_db_oldest_xact_seconds") == 0);

  // One that has written, and is open while others commit.
  const auto session = orders.session();
  pqxx::work open(*session);
  open.exec("UPDATE orders SET note = 'x' WHERE id = 1");
  orders.exec("UPDATE orders SET note = 'y' WHERE id = 2");
  CHECK(eventually([&] { return scrape(node).value("ordercast_db_oldest_xact_seconds") > 0; }));
  open.commit();
  orders.exec("UPDATE orders SET note = 'z' WHERE id = 2");
  CHECK(eventually([&] { return scrape(node).value("ordercast_db_oldest_xact_seconds") == 0; }));
}

// https://prometheus.io/docs/practices/naming/ and what `promtool check metrics` looks at.
TEST_CASE("Names, types and helps keep to Prometheus' rules") {
  OrdersTable orders;
  ServedNode node(orders.database());
  const auto page = scrape(node);
  CHECK(page.types().size() > 30);
  for (const auto& [name, type] : page.types()) {
    INFO(name << " " << type);
    CHECK(std::regex_match(name, std::regex("(ordercast|process)_[a-z][a-z_]*[a-z]")));
    CHECK((type == "counter") == name.ends_with("_total"));
    CHECK((type != "histogram" || name.ends_with("_seconds")));
    CHECK(page.helps().at(name).ends_with('.'));
    for (const auto* unit : {"_ms", "_milliseconds", "_kb", "_percent", "_minutes"}) {
      CHECK_FALSE(name.find(unit) != name.npos);
    }
    for (const auto* reserved : {"_count", "_sum", "_bucket"})
      CHECK_FALSE(name.ends_with(reserved));
  }
  for (const auto& [sample, value] : page.samples()) {
    INFO(sample);
    // Words of the program: no tenant, no address, no name of a stream.
    static const std::regex kBounded(R"([a-z_]+(\{(reason|op|status|le|version)="[^"]*"\})?)");
    CHECK(std::regex_match(sample, kBounded));
  }
}

TEST_CASE(
    "The dashboard, the alerts and the documentation name metrics that there are, and the "
    "documentation all of them") {
  OrdersTable orders;
  ServedNode node(orders.database());
  REQUIRE(eventually([&] { return scrape(node).names().contains("ordercast_change_log_rows"); }));
  const auto page = scrape(node);
  auto there = page.names();
  for (const auto& [name, type] : page.types()) there.insert(name);
  const auto dashboard = text_of("deploy/grafana/ordercast.json");
  CHECK(nlohmann::json::accept(dashboard));
  const auto operations = between(text_of("docs/operations.md"), "## Metrics", "## Log");
  for (const auto& text : {dashboard, text_of("deploy/prometheus/alerts.yml"), operations}) {
    const auto named = named_in(text);
    CHECK(named.size() > 5);
    for (const auto& name : named) {
      INFO(name);
      CHECK(there.contains(name));
    }
  }
  const auto selected = samples_selected_in(text_of("deploy/prometheus/alerts.yml"));
  CHECK(selected.size() >= 4);
  for (const auto& sample : selected) {
    INFO(sample);
    CHECK(page.samples().contains(sample));
  }
  const auto documented = named_in(operations);
  for (const auto& [name, type] : page.types()) {
    INFO(name);
    CHECK(documented.contains(name));
  }
}

TEST_CASE(
    "On the port of the streams the metrics are for this machine; not at all where others "
    "reach it, or on request") {
  ServedNode node({"serve", "--database", kNowhere});
  CHECK(node.get("/metrics").status == 200);
  CHECK(fetch(node.port(), "GET", "/metrics", {}, {{"X-Forwarded-For", "10.0.0.1"}}).status == 404);

  ServedNode off({"serve", "--database", kNowhere, "--metrics-listen", "off"});
  CHECK(off.get("/metrics").status == 404);

  auto open =
      TestProcess::ordercast({"serve", "--database", kNowhere, "--listen", "0.0.0.0:0", "--open"});
  const auto url = open.wait_for_line("listening on ");
  std::uint16_t port = 0;
  std::from_chars(url.data() + url.rfind(':') + 1, url.data() + url.size(), port);
  CHECK(fetch(port, "GET", "/metrics").status == 404);
  CHECK(fetch(port, "GET", "/livez").status == 200);
  open.signal(SIGTERM);
  CHECK(open.wait().success());
}

TEST_CASE("A port of their own has the metrics, and nothing else") {
  auto process = TestProcess::ordercast({"serve", "--database", kNowhere, "--listen", "127.0.0.1:0",
                                         "--metrics-listen", "127.0.0.1:0"});
  const auto port_in = [](const std::string& url) {
    std::uint16_t port = 0;
    std::from_chars(url.data() + url.rfind(':') + 1, url.data() + url.size(), port);
    return port;
  };
  const auto url = process.wait_for_line("metrics at ");
  REQUIRE(url.ends_with("/metrics"));
  const auto metrics = port_in(url.substr(0, url.rfind('/')));
  const auto main = port_in(process.wait_for_line("listening on "));
  CHECK(MetricsPage(fetch(metrics, "GET", "/metrics").body).value("ordercast_db_up") == 0);
  CHECK(fetch(metrics, "GET", "/v1/streams/orders").status == 404);
  CHECK(fetch(main, "GET", "/metrics").status == 404);
  process.signal(SIGTERM);
  CHECK(process.wait().success());

  const auto taken = run_ordercast(
      {"serve", "--database", kNowhere, "--listen", "127.0.0.1:0", "--metrics-listen", "nowhere"});
  CHECK(taken.code == 1);
  CHECK_THAT(taken.err, Contains("'nowhere' is not HOST:PORT"));
}

}  // namespace
}  // namespace ordercast
