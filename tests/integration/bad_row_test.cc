// docs/security.md row 20: a row of the log that is not what the triggers write (only its owner can
// put one there, or a newer version) costs the streams that it belongs to, and nobody else.
#include <fmt/format.h>

#include <catch2/catch.hpp>
#include <csignal>
#include <string>

#include "support/event_client.h"
#include "support/node.h"
#include "support/orders_table.h"

namespace ordercast {
namespace {

using namespace testing;

TEST_CASE("A row that is none ends no server, and is in no other stream's way") {
  OrdersTable orders;
  orders.exec(
      "CREATE TABLE parcels (id int PRIMARY KEY); SELECT ordercast.watch('public.parcels')");
  ServedNode node(orders.database());
  EventClient parcels(node.port(), {.stream = "parcels"});
  int parcel = 0;
  for (const auto* row : {
           "'m', '{}', NULL, '1'",
           "'m', 'garbage', NULL, '1'",
           "'m', NULL, NULL, NULL",
           "'m', '{\"event\":1}', NULL, 'garbage'",
           "'z', '{\"id\":\"1\"}', NULL, '{}'",
           "'i', 'garbage', NULL, 'garbage'",
           "'i', NULL, NULL, NULL",
           "'u', '{', '{', '}'",
           "'u', '{\"id\":\"1\"}', '{\"id\":', '[[['",
           "'d', '', '\"', ''",
           "'t', 'x', 'x', 'x'",
       }) {
    INFO(row);
    EventStreamClient plain(node.port(), "/v1/streams/orders");
    EventStreamClient filtered(node.port(), "/v1/streams/orders?status=eq.paid&select=id,status");
    static_cast<void>(plain.next());
    static_cast<void>(filtered.next());
    orders.exec(
        fmt::format("INSERT INTO ordercast.change_log (stream, op, key, old_row, new_row, slot) "
                    "SELECT 'orders', {}, slot FROM ordercast.change_log LIMIT 1",
                    row));
    orders.exec(fmt::format("INSERT INTO parcels VALUES ({})", ++parcel));
    CHECK(parcels.expect("insert").at("key").at("id") == parcel);
    CHECK(node.get("/livez").status == 200);
  }
  EventStreamClient newer(node.port(), "/v1/streams/orders?status=eq.paid");
  static_cast<void>(newer.next());
  orders.exec(
      "INSERT INTO ordercast.change_log (stream, op, key, slot) "
      "SELECT 'orders', 'z', '{\"id\":\"1\"}', slot FROM ordercast.change_log LIMIT 1");
  CHECK_THAT(newer.next_of_type("reset").data, Catch::Contains("reload"));
  CHECK(node.stop(SIGTERM).success());
}

}  // namespace
}  // namespace ordercast
