// History is read from no other database than the one that its positions are of, also when an old
// connection still leads to it.
#include <catch2/catch.hpp>
#include <memory>
#include <vector>

#include "pg/log_queries.h"
#include "pg/log_reader.h"
#include "pg/watchdog.h"
#include "support/orders_table.h"

namespace ordercast {
namespace {

using namespace testing;

TEST_CASE("History is read in the epoch that was asked for, or not at all") {
  OrdersTable orders;
  const auto session = orders.session();
  const auto epoch_now = [&] { return pg::read_epoch(*session); };
  const auto start = [&] { return pg::read_head(*session); };
  pg::Watchdog watchdog;
  pg::LogReader reader(orders.database().url(), watchdog, 1);
  pg::prepare_log_queries(*session);

  const Epoch before = epoch_now();
  const Position position = start();
  orders.exec("INSERT INTO orders (id) VALUES (1)");
  CHECK(reader.read_after(before, position).changes.size() == 1);

  // As on a server that was promoted: the connection that is open leads to what was before.
  orders.exec("UPDATE ordercast.history SET epoch = gen_random_uuid()");
  const Epoch after = epoch_now();
  REQUIRE(after != before);
  CHECK(reader.read_after(after, position).changes.size() == 1);
  CHECK_THROWS_AS(reader.read_after(before, position), HistoryUnavailable);
  CHECK_THROWS_AS(reader.read_earliest(before), HistoryUnavailable);
  const auto any = [](const std::vector<SnapshotRow>&) { return true; };
  CHECK_THROWS_AS(reader.read_rows(before, {"orders"}, any), HistoryUnavailable);
  // The place is free again for who knows better.
  CHECK(reader.read_earliest(after).changes.size() > 0);
}

}  // namespace
}  // namespace ordercast
