// What systemd is told, over the real protocol: sd_notify(3).
#include <fmt/format.h>

#include <algorithm>
#include <catch2/catch.hpp>
#include <chrono>
#include <csignal>
#include <string>
#include <vector>

#include "support/event_client.h"
#include "support/frozen_thread.h"
#include "support/node.h"
#include "support/notify_socket.h"
#include "support/orders_table.h"
#include "support/test_keys.h"

namespace ordercast {
namespace {

using namespace testing;
using namespace std::chrono_literals;

ServedNode managed(const NotifySocket& manager, OrdersTable& orders,
                   std::vector<std::string> more = {}, std::chrono::microseconds watchdog = {}) {
  std::vector<std::string> command = {"serve", "--database", orders.database().url()};
  command.insert(command.end(), more.begin(), more.end());
  const auto usec = watchdog.count() == 0 ? std::string() : std::to_string(watchdog.count());
  return ServedNode(command,
                    {.environment = {{"NOTIFY_SOCKET", manager.path()}, {"WATCHDOG_USEC", usec}}});
}

bool among(const std::vector<std::string>& messages, const std::string& text) {
  return std::find(messages.begin(), messages.end(), text) != messages.end();
}

TEST_CASE("READY comes when streams can be served, and until then STATUS says why not") {
  OrdersTable orders;
  orders.exec("DROP TABLE public.orders; DROP SCHEMA ordercast CASCADE");
  NotifySocket manager;
  const ServedNode node = managed(manager, orders);
  CHECK_FALSE(among(manager.take_through("STATUS=schema_missing: "), "READY=1"));
  REQUIRE(run_ordercast({"migrate", "--database", orders.database().url()}).code == 0);
  const auto messages = manager.take_through("READY=1");
  CHECK(node.ready());
  CHECK(among(messages, "STATUS=0 streams"));
}

TEST_CASE("A database that goes is told in STATUS, and does not take READY back") {
  OrdersTable orders;
  NotifySocket manager;
  const ServedNode node = managed(manager, orders, {}, 1s);  // so that STATUS is three times in 1 s
  manager.take_through("READY=1");
  test_cluster().stop();
  const auto messages = manager.take_through("STATUS=database_down: ");
  CHECK(std::none_of(messages.begin(), messages.end(), [](const std::string& message) {
    return message.starts_with("STOPPING") || message.starts_with("RELOADING");
  }));
  manager.take_through("WATCHDOG=1");  // a restart would help nobody
  test_cluster().start();
}

TEST_CASE("SIGHUP is told, and its end") {
  OrdersTable orders;
  NotifySocket manager;
  const TempDir dir;
  const auto key = dir.path() / "secret";
  write_private(key, hmac_secret().material);
  ServedNode node = managed(manager, orders, {"--jwt-key", key.string()});
  manager.take_through("READY=1");
  node.process().signal(SIGHUP);
  manager.take_through("RELOADING=1");
  manager.take_through("READY=1");
}

TEST_CASE("SIGTERM is told when the streams begin to end, and how long that may take") {
  OrdersTable orders;
  NotifySocket manager;
  ServedNode node = managed(manager, orders, {"--drain-ms", "600000"});
  manager.take_through("READY=1");
  const EventClient clients[] = {EventClient(node.port()), EventClient(node.port())};
  node.process().signal(SIGTERM);
  const auto stopping = manager.take_through("STOPPING=1").back();
  const std::string extend = "EXTEND_TIMEOUT_USEC=";
  REQUIRE_THAT(stopping, Catch::Contains(extend));
  CHECK(std::stoll(stopping.substr(stopping.find(extend) + extend.size())) > 600'000'000);
  CHECK(node.process().running());
  node.process().signal(SIGTERM);
  CHECK(node.process().wait().success());
  while (const auto message = manager.next(0ms)) {
    CHECK_FALSE(message->starts_with("READY=1"));
    CHECK_FALSE(message->starts_with("STOPPING=1"));
  }
}

TEST_CASE("SIGINT is told, too") {
  OrdersTable orders;
  NotifySocket manager;
  ServedNode node = managed(manager, orders);
  manager.take_through("READY=1");
  CHECK(node.stop(SIGINT).success());
  manager.take_through("STOPPING=1");
}

TEST_CASE("The watchdog is told that the node lives as long as it takes connections") {
  constexpr auto kTime = 300ms;
  OrdersTable orders;
  NotifySocket manager;
  ServedNode node = managed(manager, orders, {}, kTime);
  manager.take_through("READY=1");
  manager.take_through("WATCHDOG=1");
  {
    const FrozenThread hang(node.process().pid(), "http-accept");
    CHECK(manager.falls_silent(3 * kTime));
  }
  manager.take_through("WATCHDOG=1");
  CHECK(node.stop(SIGTERM).success());
}

}  // namespace
}  // namespace ordercast
