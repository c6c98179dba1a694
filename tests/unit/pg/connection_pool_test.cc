// threats.md row 31: a tenant that replays all at once waits for itself.
#include "pg/connection_pool.h"

#include <catch2/catch.hpp>
#include <chrono>
#include <memory>
#include <thread>
#include <vector>

#include "core/history_reader.h"
#include "core/on_behalf_of.h"
#include "pg/log_queries.h"
#include "support/eventually.h"
#include "support/test_database.h"

namespace ordercast::pg {
namespace {

using namespace std::chrono_literals;
using Lease = std::unique_ptr<ConnectionPool::Lease>;

Epoch epoch_of(const testing::TestDatabase& database) {
  const auto connection = database.connect();
  prepare_log_queries(*connection);
  return read_epoch(*connection);
}

struct PoolFixture {
  explicit PoolFixture(std::size_t size, std::size_t per_tenant)
      : pool(database.url(), size, per_tenant, watchdog) {}

  Lease lease(const std::optional<std::string>& tenant, std::chrono::milliseconds patience) {
    const OnBehalfOf scope(tenant);
    return pool.lease(epoch, patience);
  }

  testing::TestDatabase database;
  Watchdog watchdog;
  ConnectionPool pool;
  const Epoch epoch = epoch_of(database);
};

}  // namespace

TEST_CASE("A connection is left to the others, however many of one tenant want one", "[pool]") {
  PoolFixture it(2, 4);
  auto held = it.lease("greedy", 10s);
  std::vector<std::thread> crowd;
  for (int i = 0; i < 10; ++i) crowd.emplace_back([&] { (void)it.lease("greedy", 30s); });
  CHECK(testing::eventually([&] { return it.pool.turns().waiting == 10; }));
  for (int i = 0; i < 3; ++i) CHECK(it.lease("modest", 10s) != nullptr);
  CHECK(it.pool.turns().waiting == 10);
  // It is his one connection that they wait for.
  held.reset();
  for (auto& thread : crowd) thread.join();
}

TEST_CASE("Who waits in vain is told so, and nothing of it stays", "[pool]") {
  PoolFixture it(2, 1);
  auto held = it.lease("greedy", 10s);
  CHECK_THROWS_AS(it.lease("greedy", 1ms), HistoryUnavailable);
  held.reset();
  CHECK(it.lease("greedy", 10s) != nullptr);
  CHECK(it.pool.turns().waiting == 0);
}

TEST_CASE("Without tenants all connections are everybody's", "[pool]") {
  PoolFixture it(2, 1);
  const auto first = it.lease(std::nullopt, 10s);
  CHECK(it.lease(std::nullopt, 10s) != nullptr);
}

TEST_CASE("A connection of another epoch gives its turn back", "[pool]") {
  PoolFixture it(1, 1);
  CHECK_THROWS_AS([&] { (void)it.pool.lease(Epoch{it.epoch.id + 1}, 10s); }(), HistoryUnavailable);
  CHECK(it.lease("a", 10s) != nullptr);
}

TEST_CASE("A pool that changes its size gives more, or closes what is beyond", "[pool]") {
  PoolFixture it(1, 1);
  auto first = it.lease(std::nullopt, 10s);
  it.pool.resize(3, 1);
  auto second = it.lease(std::nullopt, 10s);
  auto third = it.lease(std::nullopt, 10s);
  const auto open = [&] {
    return it.database
        .exec(
            "SELECT count(*) FROM pg_stat_activity"
            " WHERE datname = current_database() AND application_name = 'ordercast'")[0][0]
        .as<int>();
  };
  REQUIRE(open() == 3);
  third.reset();
  it.pool.resize(1, 1);  // that which is free
  CHECK(testing::eventually([&] { return open() == 2; }));
  CHECK_THROWS_AS(it.lease(std::nullopt, 1ms), HistoryUnavailable);
  second.reset();
  first.reset();
  CHECK(testing::eventually([&] { return open() == 1; }));
  CHECK(it.lease(std::nullopt, 10s) != nullptr);
}

}  // namespace ordercast::pg
