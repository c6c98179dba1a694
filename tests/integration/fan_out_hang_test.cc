// A node whose fan-out hangs says so, to systemd's watchdog and to who asks /livez.
#include <catch2/catch.hpp>
#include <chrono>
#include <string>

#include "http/status_handler.h"
#include "support/event_client.h"
#include "support/frozen_thread.h"
#include "support/node.h"
#include "support/notify_socket.h"
#include "support/orders_table.h"

namespace ordercast {
namespace {

using namespace testing;
using namespace std::chrono_literals;

TEST_CASE("A fan-out that hangs is told to the watchdog and at /livez, and so is its recovery") {
  constexpr auto kTime = 300ms;
  OrdersTable orders;
  NotifySocket manager;
  ServedNode node({"serve", "--database", orders.database().url()},
                  {.environment = {{"NOTIFY_SOCKET", manager.path()},
                                   {"WATCHDOG_USEC", std::to_string(kTime / 1us)}}});
  manager.take_through("READY=1");
  manager.take_through("WATCHDOG=1");
  EventClient client(node.port(), {.from_empty = true});
  {
    const FrozenThread hang(node.process().pid(), "fan-out");
    const auto lives = [&] { return node.get("/livez").status == 200; };
    const auto limit = std::chrono::steady_clock::now() + http::kStuck + kPatience;
    while (lives() && std::chrono::steady_clock::now() < limit) manager.next(kTime);
    CHECK_THAT(node.get("/livez").body, Catch::Contains(R"("code":"stuck")"));
    CHECK(manager.falls_silent(3 * kTime));
    orders.exec("INSERT INTO orders (id) VALUES (1)");
  }
  manager.take_through("WATCHDOG=1");
  CHECK(client.expect("insert").at("key").at("id") == "1");
  CHECK(node.get("/livez").status == 200);
}

}  // namespace
}  // namespace ordercast
