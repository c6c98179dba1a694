// `ordercast load` against a real node: what it counts, and when it fails.
#include <fmt/format.h>

#include <atomic>
#include <catch2/catch.hpp>
#include <csignal>
#include <nlohmann/json.hpp>
#include <string>
#include <thread>

#include "support/eventually.h"
#include "support/metrics_page.h"
#include "support/node.h"
#include "support/orders_table.h"

namespace ordercast {
namespace {

using namespace testing;
using Catch::Contains;
using nlohmann::json;

// A shop that trades until it goes.
class Trade {
 public:
  explicit Trade(OrdersTable& orders)
      : thread_([this, session = orders.session()] {
          for (int id = 1; !over_; ++id) {
            pqxx::nontransaction(*session).exec(
                fmt::format("INSERT INTO orders VALUES ({}, 1, 'new', 1, '')", id));
            std::this_thread::sleep_for(kPause);  // a pace, not a wait for anything
          }
        }) {}
  ~Trade() {
    over_ = true;
    thread_.join();
  }
  Trade(const Trade&) = delete;
  Trade& operator=(const Trade&) = delete;

 private:
  static constexpr std::chrono::milliseconds kPause{10};
  std::atomic<bool> over_ = false;
  std::thread thread_;
};

TEST_CASE("Each of many clients was sent every change once, and how fast") {
  OrdersTable orders;
  ServedNode node(orders.database());
  const Trade trade(orders);
  const auto result = run_ordercast({"load", node.url() + "/v1/streams/orders", "--connections",
                                     "40", "--seconds", "1", "--json"});
  INFO(result.out << result.err);
  REQUIRE(result.code == 0);
  const auto report = json::parse(result.out);
  CHECK(report.at("live") == 40);
  CHECK(report.at("deliveries").get<int>() > 40);
  CHECK(report.at("p50_ms").get<double>() > 0);
  CHECK(report.at("p99_ms").get<double>() >= report.at("p50_ms").get<double>());
  CHECK(report.at("lost") == 0);
  CHECK(report.at("duplicated") == 0);
  CHECK(result.err.empty());  // the bar is for terminals
}

TEST_CASE("Nothing that came is nothing that was checked: no success") {
  OrdersTable orders;
  ServedNode node(orders.database());
  const auto result = run_ordercast({"load", node.url(), "--connections", "2", "--seconds", "1"});
  CHECK(result.code == 1);
  CHECK_THAT(result.out, Contains("2 of 2 live"));
  CHECK_THAT(result.err, Contains("no change came"));
}

TEST_CASE("A stream that there is not, or a server, is said") {
  OrdersTable orders;
  ServedNode node(orders.database());
  const auto result =
      run_ordercast({"load", node.url() + "/v1/streams/none", "--connections", "2"});
  CHECK(result.code == 1);
  CHECK_THAT(result.err, Contains("status 404"));
  CHECK_THAT(run_ordercast({"load", "http://127.0.0.1:1", "--connections", "1"}).err,
             Contains("Connection refused"));
}

TEST_CASE("A terminal sees a bar meanwhile") {
  OrdersTable orders;
  ServedNode node(orders.database());
  const Trade trade(orders);
  const auto command = fmt::format("{} load {} --connections 5 --seconds 1",
                                   std::getenv("ORDERCAST_BINARY"), node.url());
  const auto out = output_of({"script", "-qec", command, "/dev/null"});
  CHECK_THAT(out, Contains("/1 s  5 live") && Contains("5 of 5 live") && Contains("lost 0"));
}

TEST_CASE("Ctrl-C ends it early, with the report") {
  OrdersTable orders;
  ServedNode node(orders.database());
  auto load =
      TestProcess::ordercast({"load", node.url(), "--connections", "5", "--seconds", "600"});
  REQUIRE(eventually([&] {
    return MetricsPage(node.get("/metrics").body).value("ordercast_streams_active") == 5;
  }));
  load.signal(SIGINT);
  CHECK_THAT(load.read_rest(), Contains("5 of 5 live"));
  load.wait();
}

}  // namespace
}  // namespace ordercast
