// `ordercast demo`: one command, and everything is there; Ctrl-C, and nothing is left.
#include <algorithm>
#include <catch2/catch.hpp>
#include <csignal>
#include <filesystem>
#include <pqxx/pqxx>
#include <string>
#include <vector>

#include "support/config_file.h"
#include "support/event_client.h"
#include "support/eventually.h"
#include "support/forked.h"
#include "support/node.h"
#include "support/temp_dir.h"

namespace ordercast {
namespace {

using namespace testing;
namespace fs = std::filesystem;

std::string scalar(const std::string& conninfo, const std::string& sql) {
  pqxx::connection connection(conninfo);
  return pqxx::nontransaction(connection).exec1(sql)[0].as<std::string>();
}

// Of "host=/… port=…".
fs::path socket_folder(const std::string& conninfo) {
  constexpr std::string_view kHost = "host=";
  const auto begin = conninfo.find(kHost) + kHost.size();
  return conninfo.substr(begin, conninfo.find(' ', begin) - begin);
}

// A folder of the demo's; what a sanitizer keeps there for an instant, before main(), is none.
bool has_demo_folder(const fs::path& temporary) {
  const fs::directory_iterator entries(temporary);
  return std::any_of(begin(entries), end(entries), [](const fs::directory_entry& entry) {
    return entry.path().filename().string().starts_with("ordercast-demo");
  });
}

TEST_CASE(
    "The demo shows a board and a stream of a shop that trades, and Ctrl-C leaves nothing behind") {
  const TempDir temporary;
  ServedNode node({"demo", "--rate", "20"}, {.environment = {{"TMPDIR", temporary.path()}}});
  REQUIRE_FALSE(node.conninfo().empty());
  REQUIRE_FALSE(fs::is_empty(temporary.path()));
  node.wait_until_ready();

  const auto board = node.get("/");
  CHECK(board.status == 200);
  CHECK(board.header("Content-Type").value().starts_with("text/html"));
  EventClient client(node.port(), {.query = "snapshot=true"});
  client.take_until([&] { return client.count("ready") == 1; });
  // The seeded orders, and perhaps the first steps of trade.
  constexpr int kSeeded = 300;
  CHECK(client.rows().size() >= kSeeded - 10);
  const auto seen = client.seqs().size();
  client.take_until([&] { return client.seqs().size() >= seen + 40; });
  CHECK(client.count("update") > 0);
  CHECK(client.faults() == std::vector<std::string>{});

  const auto watched = watch_running(server_processes(node.conninfo()));
  REQUIRE(watched.size() > 2);
  // As the terminal does it.
  node.process().signal_group(SIGINT);
  const auto status = node.process().wait();
  INFO(status.text() << ": " << node.process().stderr_text());
  CHECK(status.success());
  for (const auto& process : watched) CHECK(ends(process));
  CHECK(fs::is_empty(temporary.path()));
  CHECK_FALSE(fs::exists(socket_folder(node.conninfo())));
}

TEST_CASE("Ctrl-C while the demo starts ends it, and leaves nothing behind") {
  const TempDir temporary;
  auto demo = TestProcess::ordercast({"demo", "--listen", "127.0.0.1:0"},
                                     {.environment = {{"TMPDIR", temporary.path()}}});
  REQUIRE(eventually([&] { return has_demo_folder(temporary.path()); }));
  demo.signal_group(SIGINT);
  CHECK(demo.read_rest().empty());
  const auto status = demo.wait();
  INFO(status.text() << ": " << demo.stderr_text());
  CHECK(status.success());
  CHECK(fs::is_empty(temporary.path()));
}

TEST_CASE("A demo with a folder of its own goes on where it was ended") {
  const TempDir dir;
  const std::vector<std::string> command{"demo",       "--rate",           "0", "--orders", "25",
                                         "--data-dir", dir.path() / "shop"};
  const std::string digest =
      "SELECT count(*) || md5(string_agg(o::text, '' ORDER BY id)) FROM public.orders o";
  ServedNode first(command);
  first.wait_until_ready();
  REQUIRE(scalar(first.conninfo(), "SELECT count(*)::text FROM public.orders") == "25");
  scalar(first.conninfo(),
         "INSERT INTO public.orders (merchant_id, customer_name, currency, total)"
         " VALUES (1, 'Ada', 'EUR', 12) RETURNING 'done'");
  EventClient client(first.port(), {.query = "snapshot=true"});
  client.take_until([&] { return client.count("ready") == 1; });
  const auto before = scalar(first.conninfo(), digest);
  CHECK(first.stop(SIGTERM).success());

  ServedNode second(command);
  second.wait_until_ready();
  CHECK(scalar(second.conninfo(), digest) == before);
  // What a client had before the restart is what it resumes from.
  client.resume(second.port());
  CHECK(client.hello().at("resumed") == true);
  scalar(second.conninfo(),
         "DELETE FROM public.orders WHERE customer_name = 'Ada' RETURNING 'done'");
  client.expect("delete");
  CHECK(client.rows().size() == 25);
  CHECK(client.faults() == std::vector<std::string>{});
}

TEST_CASE("A demo takes its options from a file, too, and SIGHUP changes what it can") {
  const TestConfigFile file("orders = 7\nrate = 100\nheartbeat-ms = 12000\nmax-streams = 1\n");
  ServedNode node({"demo", "--config", file.path()}, {.environment = {{"ORDERCAST_RATE", "0"}}});
  node.wait_until_ready();
  EventClient client(node.port(), {.query = "snapshot=true"});
  client.take_until([&] { return client.count("ready") == 1; });
  CHECK(client.rows().size() == 7);
  CHECK(client.hello().at("heartbeat_ms") == 12'000);
  const auto status = [&] {
    return fetch(node.port(), "GET", "/v1/streams/orders?until=now&last_event_id=earliest", {},
                 {{"Accept", "application/x-ndjson"}})
        .status;
  };
  CHECK(status() == 503);
  file.write("orders = 8\nrate = 100\nheartbeat-ms = 12000\nmax-streams = 2\n");
  node.process().signal(SIGHUP);
  CHECK(eventually([&] { return status() == 200; }));
  CHECK(eventually([&] {
    return node.process().stderr_text().find("orders = 8, was 7: needs a restart") !=
           std::string::npos;
  }));

  // What its own database and its openness are is not for a file to say.
  const TestConfigFile other("database = \"host=db.example\"\n");
  const auto refused = run_ordercast({"demo", "--config", other.path()});
  CHECK(refused.code == 1);
  CHECK_THAT(refused.err, Catch::Contains(":1: unknown key \"database\""));
}

}  // namespace
}  // namespace ordercast
