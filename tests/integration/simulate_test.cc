// `ordercast simulate`: the demo's shop trades in somebody's database.
#include <catch2/catch.hpp>
#include <csignal>

#include "support/event_client.h"
#include "support/node.h"
#include "support/test_database.h"

namespace ordercast {
namespace {

using namespace testing;

TEST_CASE("The simulated shop trades until Ctrl-C, and what it does folds to its table") {
  TestDatabase database;
  auto shop = TestProcess::ordercast(
      {"simulate", "--database", database.url(), "--rate", "200", "--orders", "40"});
  shop.wait_for_line("the shop trades");
  ServedNode node(database);
  EventClient client(node.port(), {.query = "snapshot=true"});
  client.take_until([&] { return client.count("delete") > 0 && client.seqs().size() > 200; });
  CHECK(client.count("insert") > 40);
  CHECK(client.count("update") > 40);

  shop.signal_group(SIGINT);
  const auto status = shop.wait();
  INFO(status.text() << ": " << shop.stderr_text());
  CHECK(status.success());
  const auto last = std::stoll(database.scalar("SELECT max(seq) FROM ordercast.change_log"));
  if (client.last_seq() < last) client.take_until([&] { return client.last_seq() == last; });
  CHECK(client.faults() == std::vector<std::string>{});
  Rows told;
  for (const auto& row : database.present_rows("orders")) {
    told.emplace(nlohmann::json::parse(row[0].c_str()).dump(),
                 nlohmann::json::parse(row[1].c_str()).dump());
  }
  CHECK(client.rows() == told);
}

TEST_CASE("The shop leaves a table alone that is not its own") {
  TestDatabase database;
  database.exec("CREATE TABLE public.orders (id int PRIMARY KEY); INSERT INTO orders VALUES (1)");
  const auto result = run_ordercast({"simulate", "--database", database.url()});
  CHECK(result.code == 1);
  CHECK_THAT(result.err, Catch::Contains("public.orders that is not the demo's"));
  CHECK(database.scalar("SELECT count(*) FROM public.orders") == "1");
}

}  // namespace
}  // namespace ordercast
