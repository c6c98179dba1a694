// `ordercast tail` on real nodes: what it prints, what it survives, and how it ends.
#include <fmt/format.h>

#include <algorithm>
#include <catch2/catch.hpp>
#include <csignal>
#include <fstream>
#include <nlohmann/json.hpp>
#include <set>
#include <sstream>
#include <string>
#include <vector>

#include "support/eventually.h"
#include "support/node.h"
#include "support/orders_table.h"
#include "support/temp_dir.h"
#include "support/test_keys.h"

namespace ordercast {
namespace {

using namespace testing;
using Catch::Contains;
using nlohmann::json;
using Lines = std::vector<std::string>;

Lines lines_of(const std::string& text) {
  std::istringstream in(text);
  Lines lines;
  for (std::string line; std::getline(in, line);) lines.push_back(line);
  return lines;
}

TestProcess tail(const ServedNode& node, std::vector<std::string> arguments,
                 const std::map<std::string, std::string>& environment = {}) {
  std::vector<std::string> command{"tail", "--server", node.url()};
  command.insert(command.end(), arguments.begin(), arguments.end());
  return TestProcess::ordercast(command, {.environment = environment});
}

CommandResult tail_to_end(const ServedNode& node, std::vector<std::string> arguments,
                          const std::map<std::string, std::string>& environment = {}) {
  auto process = tail(node, std::move(arguments), environment);
  CommandResult result;
  result.out = process.read_rest();
  result.code = process.wait().code;
  result.err = process.stderr_text();
  return result;
}

// The next line of this event, as JSON; others are skipped.
json next_of(TestProcess& process, const std::string& event) {
  for (;;) {
    const auto line = process.read_line();
    if (!line) throw std::runtime_error("tail ended: " + process.stderr_text());
    auto parsed = json::parse(*line);
    if (parsed.at("event") == event) return parsed;
  }
}

// Nothing that a terminal would obey.
bool harmless(const std::string& text) {
  return std::none_of(text.begin(), text.end(), [](char c) {
    const auto byte = static_cast<unsigned char>(c);
    return (byte < 0x20 && byte != '\n') || byte == 0x7f;
  });
}

TEST_CASE("Rows that a filter selects, and the end: for scripts") {
  OrdersTable orders;
  orders.exec(
      "INSERT INTO orders SELECT i, 1, CASE WHEN i % 2 = 0 THEN 'paid' ELSE 'new' END, "
      "i * 1.10, 'a note' FROM generate_series(1, 10) i");
  ServedNode node(orders.database());
  const auto result = tail_to_end(node, {"orders", "status=eq.paid", "id=lt.9", "--snapshot",
                                         "--until", "now", "--select", "id,total", "--json"});
  CHECK(result.code == 0);
  CHECK(result.err.empty());
  std::set<std::string> totals;
  Lines events;
  for (const auto& line : lines_of(result.out)) {
    const auto event = json::parse(line);
    events.push_back(event.at("event"));
    if (events.back() != "insert") continue;
    CHECK(event.at("row").size() == 2);
    totals.insert(event.at("row").at("total"));
  }
  CHECK(events == Lines{"hello", "insert", "insert", "insert", "insert", "ready", "end"});
  CHECK(totals == std::set<std::string>{"2.20", "4.40", "6.60", "8.80"});
}

TEST_CASE("A node that is killed and comes back costs nothing and repeats nothing") {
  OrdersTable orders;
  auto node = std::make_unique<ServedNode>(orders.database());
  auto process = tail(*node, {"--json"});
  next_of(process, "hello");
  orders.exec("INSERT INTO orders VALUES (1, 1, 'new', 1, '')");
  std::set<std::int64_t> seqs{next_of(process, "insert").at("seq").get<std::int64_t>()};

  const auto address = fmt::format("127.0.0.1:{}", node->port());
  node->stop(SIGKILL);
  orders.exec("UPDATE orders SET status = 'paid'");
  orders.exec("INSERT INTO orders VALUES (2, 1, 'new', 1, '')");
  auto second =
      TestProcess::ordercast({"serve", "--database", orders.database().url(), "--listen", address});
  second.wait_for_line("listening on ");
  orders.exec("DELETE FROM orders WHERE id = 1");
  for (const auto* event : {"update", "insert", "delete"}) {
    CHECK(seqs.insert(next_of(process, event).at("seq").get<std::int64_t>()).second);
  }
  CHECK(seqs == orders.seqs());
  CHECK_THAT(process.stderr_text(), Contains("again in"));
  second.signal(SIGINT);
}

TEST_CASE("It begins where it is told to") {
  OrdersTable orders;
  orders.exec("INSERT INTO orders VALUES (1, 1, 'new', 1, '')");
  orders.exec("INSERT INTO orders VALUES (2, 1, 'new', 1, '')");
  ServedNode node(orders.database());
  const auto all =
      lines_of(tail_to_end(node, {"--last-event-id", "earliest", "--until", "now", "--json"}).out);
  REQUIRE(all.size() == 4);
  const std::string id = json::parse(all[1]).at("id");
  const auto rest =
      lines_of(tail_to_end(node, {"--last-event-id", id, "--until", "now", "--json"}).out);
  REQUIRE(rest.size() == 3);
  CHECK(rest[1] == all[2]);
  const std::string at = json::parse(all[2]).at("at");
  const auto since = lines_of(tail_to_end(node, {"--since", at, "--until", "now", "--json"}).out);
  REQUIRE(since.size() == 3);
  CHECK(json::parse(since[1]).at("seq") == json::parse(all[2]).at("seq"));
}

TEST_CASE("What an attacker stored in a row never commands the terminal") {
  OrdersTable orders;
  orders.exec(
      "INSERT INTO orders VALUES (1, 1, E'\\x1b[2J\\x1b]0;owned\\x07', 1, "
      "chr(155) || '31m' || chr(8) || chr(127) || E'\\r\\n' || chr(8238) || 'gpj.exe')");
  ServedNode node(orders.database());
  const auto people = tail_to_end(node, {"--snapshot", "--until", "now"});
  CHECK(people.code == 0);
  CHECK(harmless(people.out));
  CHECK(people.out.find("\xc2\x9b") == std::string::npos);
  CHECK(lines_of(people.out).size() == 4);
  CHECK_THAT(people.out, Contains("owned") && Contains("\\u{202e}gpj.exe"));

  const auto scripts = tail_to_end(node, {"--snapshot", "--until", "now", "--json"});
  CHECK(harmless(scripts.out));
  CHECK(scripts.out.find("\xc2\x9b") == std::string::npos);
  const auto row = json::parse(lines_of(scripts.out).at(1)).at("row");
  CHECK(row.at("status") == "\x1b[2J\x1b]0;owned\x07");
  CHECK_THAT(row.at("note").get<std::string>(), Catch::StartsWith("\xc2\x9b"
                                                                  "31m"));
}

TEST_CASE("Colours are for terminals, and for who has not refused them") {
  OrdersTable orders;
  orders.exec("INSERT INTO orders VALUES (1, 1, 'new', 1, '')");
  ServedNode node(orders.database());
  const auto command = fmt::format("{} tail --server {} --snapshot --until now",
                                   std::getenv("ORDERCAST_BINARY"), node.url());
  const auto on_terminal = [&](const std::map<std::string, std::string>& environment) {
    return output_of({"script", "-qec", command, "/dev/null"}, {.environment = environment});
  };
  CHECK_THAT(on_terminal({{"TERM", "xterm"}, {"NO_COLOR", ""}}), Contains("\x1b[32minsert"));
  CHECK_THAT(on_terminal({{"TERM", "xterm"}, {"NO_COLOR", "1"}}), !Contains("\x1b"));
  CHECK_THAT(on_terminal({{"TERM", "dumb"}, {"NO_COLOR", ""}}), !Contains("\x1b"));
  CHECK_THAT(tail_to_end(node, {"--snapshot", "--until", "now"}, {{"TERM", "xterm"}}).out,
             !Contains("\x1b"));
}

TEST_CASE("Ctrl-C ends it between two lines, and is no fault") {
  OrdersTable orders;
  ServedNode node(orders.database());
  for (const int signal : {SIGINT, SIGTERM}) {
    auto process = tail(node, {"--json"});
    next_of(process, "hello");
    orders.exec("INSERT INTO orders SELECT coalesce(max(id), 0) + 1, 1, 'new', 1, '' FROM orders");
    next_of(process, "insert");
    process.signal(signal);
    CHECK(process.read_rest().empty());
    CHECK(process.wait().code == 0);
    CHECK(process.stderr_text().empty());
  }
}

TEST_CASE("A reader that has enough ends it, and is no fault") {
  OrdersTable orders;
  ServedNode node(orders.database());
  TestProcess shell({"bash", "-c",
                     "\"$ORDERCAST_BINARY\" tail --server \"$1\" --json | head -n 1; "
                     "echo \"ended with ${PIPESTATUS[0]}\"",
                     "bash", node.url()});
  CHECK_THAT(shell.read_line().value(), Contains("hello"));
  // A write is what tells it; the first may still be taken by the pipe.
  int id = 0;
  CHECK(eventually([&] {
    orders.exec(fmt::format("INSERT INTO orders VALUES ({}, 1, 'new', 1, '')", ++id));
    return !shell.running();
  }));
  CHECK(shell.read_rest() == "ended with 0\n");
  CHECK(shell.stderr_text().empty());
}

TEST_CASE("The token comes from the environment or a file, and never from the command line") {
  OrdersTable orders;
  const TempDir dir;
  const std::string key = dir.path() / "secret";
  write_private(key, hmac_secret().material);
  ServedNode node(orders.database(), {"--jwt-key", key});
  const auto token = token_of(hmac_secret(), good_claims());
  const std::vector<std::string> rows{"--snapshot", "--until", "now", "--json"};

  CHECK(tail_to_end(node, rows, {{"ORDERCAST_TOKEN", token}}).code == 0);
  const std::string file = dir.path() / "token";
  write_private(file, token + "\n");
  CHECK(tail_to_end(node, {"--token-file", file, "--snapshot", "--until", "now"}).code == 0);

  const auto without = tail_to_end(node, rows, {{"ORDERCAST_TOKEN", ""}});
  CHECK(without.code == 1);
  CHECK(without.out.empty());
  CHECK_THAT(without.err, Contains("status 401"));
  const auto torn = tail_to_end(node, rows, {{"ORDERCAST_TOKEN", "a\r\nX-Evil: 1"}});
  CHECK(torn.code == 1);
  CHECK_THAT(torn.err, Contains("no token"));
  CHECK(tail_to_end(node, {"--token", token}).code > 1);
}

TEST_CASE("What cannot succeed is said at once") {
  OrdersTable orders;
  ServedNode node(orders.database());
  const auto unknown = tail_to_end(node, {"order"});
  CHECK(unknown.code == 1);
  CHECK_THAT(unknown.err, Contains("status 404") && Contains("the streams are: orders"));
  CHECK_THAT(tail_to_end(node, {"orders", "paid"}).err, Contains("'paid' is no filter"));
  CHECK_THAT(tail_to_end(node, {"totl=eq.1"}).err, Contains("there is no column 'totl'"));
}

}  // namespace
}  // namespace ordercast
