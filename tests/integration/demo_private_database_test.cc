// `serve` without --database: a private PostgreSQL that lives and ends with the server.
#include <catch2/catch.hpp>
#include <csignal>
#include <fstream>
#include <iterator>
#include <pqxx/pqxx>
#include <string>
#include <vector>

#include "support/event_client.h"
#include "support/eventually.h"
#include "support/forked.h"
#include "support/node.h"
#include "support/temp_dir.h"

namespace ordercast {
namespace {

using namespace testing;

class PrivateNode {
 public:
  PrivateNode() : node_(command()) {
    exec(
        "CREATE TABLE public.orders (id int PRIMARY KEY); SELECT ordercast.watch('public.orders')");
    node_.wait_until_ready();
  }

  [[nodiscard]] std::vector<std::string> command() const {
    return {"serve", "--data-dir", dir_.path() / "data"};
  }
  ServedNode& node() { return node_; }
  // PostgreSQL's.
  [[nodiscard]] std::string log() const {
    std::ifstream file(dir_.path() / "data" / "postgres.log");
    return {std::istreambuf_iterator<char>(file), {}};
  }
  // As a user would: with psql, and the line that was printed.
  std::string exec(const std::string& sql) {
    return output_of({"psql", node_.conninfo(), "-XAtq", "-v", "ON_ERROR_STOP=1", "-c", sql});
  }
  // An open stream, once the table's is there.
  EventClient follow() {
    const bool there = eventually(
        [&] { return node_.get("/v1/streams/nothing").body.find("orders") != std::string::npos; });
    REQUIRE(there);
    return EventClient(node_.port());
  }

 private:
  TempDir dir_;
  ServedNode node_;
};

TEST_CASE("psql takes the printed conninfo as it is") {
  PrivateNode it;
  CHECK(it.exec("SELECT current_database(), current_user") == "ordercast|postgres\n");
  auto client = it.follow();
  it.exec("INSERT INTO orders VALUES (1)");
  CHECK(client.expect("insert").at("key").at("id") == 1);
}

TEST_CASE("A private PostgreSQL that is killed comes back, and the streams go on") {
  PrivateNode it;
  auto client = it.follow();
  it.exec("INSERT INTO orders VALUES (1)");
  client.expect("insert");
  REQUIRE(::kill(server_processes(it.node().conninfo()).front(), SIGKILL) == 0);
  CHECK(client.expect("status").at("database") == "down");
  CHECK(client.expect("status").at("database") == "up");
  it.exec("INSERT INTO orders VALUES (2)");
  CHECK(client.expect("insert").at("key").at("id") == 2);
  CHECK(it.exec("SELECT count(*) FROM orders") == "2\n");
}

TEST_CASE("SIGTERM and SIGINT end streams, server and PostgreSQL, with success and soon") {
  const int signal = GENERATE(SIGTERM, SIGINT);
  PrivateNode it;
  auto client = it.follow();
  const auto watched = watch_running(server_processes(it.node().conninfo()));

  const auto status = it.node().stop(signal);
  INFO(status.text() << ": " << it.node().process().stderr_text());
  CHECK(status.success());
  // It was not killed because it took too long.
  CHECK_THAT(it.log(), Catch::Contains("database system is shut down"));
  CHECK(client.next() == std::nullopt);
  CHECK(client.stream().ended_properly());
  for (const auto& process : watched) CHECK(ends(process));
}

TEST_CASE("After kill -9 of ordercast no PostgreSQL is left, and the next start takes over") {
  PrivateNode it;
  it.exec("INSERT INTO orders VALUES (1)");
  const auto watched = watch_running(server_processes(it.node().conninfo()));
  CHECK(it.node().stop(SIGKILL).signal == SIGKILL);
  for (const auto& process : watched) CHECK(ends(process));

  ServedNode next(it.command());
  next.wait_until_ready();
  EventClient client(next.port(), {.query = "snapshot=true"});
  CHECK(client.expect("insert").at("key").at("id") == 1);
}

TEST_CASE("Two servers never share a data folder") {
  PrivateNode it;
  auto command = it.command();
  command.insert(command.end(), {"--listen", "127.0.0.1:0"});
  const auto second = run_ordercast(command);
  CHECK(second.code == 1);
  CHECK_THAT(second.err, Catch::Contains("is in use"));
  CHECK(it.exec("SELECT 1") == "1\n");
}

}  // namespace
}  // namespace ordercast
