// The log of the program itself: JSON for machines, text for people; a line for each stream.
#include <fcntl.h>
#include <poll.h>
#include <pty.h>
#include <unistd.h>

#include <array>
#include <catch2/catch.hpp>
#include <csignal>
#include <nlohmann/json.hpp>
#include <sstream>
#include <string>
#include <vector>

#include "base/child_process.h"
#include "base/unique_fd.h"
#include "support/event_client.h"
#include "support/eventually.h"
#include "support/node.h"
#include "support/orders_table.h"

namespace ordercast {
namespace {

using namespace testing;
using Catch::Contains;
using nlohmann::json;

// Every line parses.
std::vector<json> lines_of(const std::string& text) {
  std::vector<json> lines;
  std::istringstream stream(text);
  for (std::string line; std::getline(stream, line);) {
    INFO(line);
    REQUIRE(json::accept(line));
    lines.push_back(json::parse(line));
  }
  return lines;
}

std::vector<json> ended_streams(ServedNode& node, std::size_t count) {
  std::vector<json> ended;
  static_cast<void>(eventually([&] {
    ended.clear();
    // Of a line that is being written a part may be there.
    const auto text = node.process().stderr_text();
    for (auto& line : lines_of(text.substr(0, text.rfind('\n') + 1))) {
      if (line.at("msg") == "stream ended") ended.push_back(line);
    }
    return ended.size() >= count;
  }));
  REQUIRE(ended.size() == count);
  return ended;
}

TEST_CASE("A log that no person reads is JSON, and has a line for each stream that ended") {
  OrdersTable orders;
  ServedNode node(orders.database());
  EventClient client(node.port(), {.query = "status=eq.created"});
  orders.exec("INSERT INTO orders (id) VALUES (1), (2), (3)");
  client.take_until([&] { return client.count("insert") == 3; });
  client.drop();
  const auto gone = ended_streams(node, 1).at(0);
  CHECK(gone.at("level") == "info");
  CHECK(gone.at("reason") == "client_gone");
  CHECK(gone.at("events") == 3);
  CHECK(gone.at("bytes") > 300);
  CHECK(gone.at("address") == "127.0.0.1");
  CHECK_THAT(gone.at("view").get<std::string>(), Contains("created"));

  client.resume();
  CHECK(node.stop(SIGTERM).success());
  CHECK(ended_streams(node, 2).at(1).at("reason") == "drain");
}

TEST_CASE("What a client sends never makes a line of its own, at any level") {
  OrdersTable orders;
  ServedNode node(orders.database(), {"--log-level", "debug"});
  const std::string forged = "x\",\"level\":\"critical\",\"msg\":\"forged";
  for (const auto& agent : {forged, std::string(2000, '\\'), std::string("\xff\xfe\x80")}) {
    EventStreamClient client(node.port(), "/v1/streams/orders", {{"User-Agent", agent}});
    client.next_of_type("hello");
  }
  static_cast<void>(fetch(node.port(), "GET", "/%22%7D%F0%9F%98%80?ticket=hunter2", {},
                          {{"User-Agent", forged}, {"Cookie", "hunter2"}}));
  static_cast<void>(fetch(node.port(), "GET", "/v1/streams/a%22%5Cb?token=hunter2"));
  static_cast<void>(ended_streams(node, 3));
  CHECK(node.stop(SIGTERM).success());
  const auto text = node.process().stderr_text();
  bool request_logged = false;
  for (const auto& line : lines_of(text)) {
    CHECK(line.at("level") != "critical");
    CHECK(line.at("msg") != "forged");
    request_logged |= line.at("msg") == "request" && line.at("path") == "/v1/streams/a\"\\b";
    if (line.contains("user_agent")) CHECK(line.at("user_agent").get<std::string>().size() <= 768);
  }
  CHECK(request_logged);
  CHECK_THAT(text, !Contains("hunter2"));
}

// A terminal for stderr, and what came out of it.
struct Terminal {
  Terminal() {
    int controller_fd = -1;
    int terminal_fd = -1;
    REQUIRE(::openpty(&controller_fd, &terminal_fd, nullptr, nullptr, nullptr) == 0);
    controller = UniqueFd(controller_fd);
    terminal = UniqueFd(terminal_fd);
  }
  [[nodiscard]] bool shows(const std::string& wanted) {
    return eventually([&] {
      std::array<char, 4096> buffer;
      for (pollfd entry{controller.get(), POLLIN, 0}; ::poll(&entry, 1, 0) > 0;) {
        const ssize_t got = ::read(controller.get(), buffer.data(), buffer.size());
        if (got <= 0) break;
        text.append(buffer.data(), static_cast<std::size_t>(got));
      }
      return text.find(wanted) != text.npos;
    });
  }
  UniqueFd controller;
  UniqueFd terminal;
  std::string text;
};

TEST_CASE("On a terminal the log is text, unless it is asked to be JSON") {
  const bool asked = GENERATE(false, true);
  Terminal terminal;
  SpawnOptions options;
  options.argv = {
      std::getenv("ORDERCAST_BINARY"),          "serve", "--listen", "127.0.0.1:0", "--database",
      "host=127.0.0.1 port=1 connect_timeout=1"};
  if (asked) options.argv.insert(options.argv.end(), {"--log-format", "json"});
  for (char** entry = environ; *entry != nullptr; ++entry) options.environment.push_back(*entry);
  const UniqueFd nowhere(::open("/dev/null", O_WRONLY | O_CLOEXEC));
  options.stdout_fd = nowhere.get();
  options.stderr_fd = terminal.terminal.get();
  options.death_signal = SIGKILL;
  auto process = ChildProcess::spawn(options);
  CHECK(terminal.shows(asked ? R"("level":"warning","msg":"database: )" : " warning database: "));
  process.signal(SIGKILL);
}

TEST_CASE("A log that cannot be written does not stop the streams") {
  OrdersTable orders;
  const UniqueFd full(::open("/dev/full", O_WRONLY | O_CLOEXEC));
  std::array<int, 2> out{};
  REQUIRE(::pipe2(out.data(), O_CLOEXEC) == 0);
  const UniqueFd reader(out[0]);
  UniqueFd writer(out[1]);
  SpawnOptions options;
  options.argv = {std::getenv("ORDERCAST_BINARY"), "serve", "--listen", "127.0.0.1:0", "--database",
                  orders.database().url()};
  for (char** entry = environ; *entry != nullptr; ++entry) options.environment.push_back(*entry);
  options.stdout_fd = writer.get();
  options.stderr_fd = full.get();
  options.death_signal = SIGKILL;
  auto process = ChildProcess::spawn(options);
  writer.reset();
  std::string line;
  for (char c = 0; ::read(reader.get(), &c, 1) == 1 && c != '\n';) line += c;
  const auto port = static_cast<std::uint16_t>(std::stoi(line.substr(line.rfind(':') + 1)));
  REQUIRE(eventually([&] { return fetch(port, "GET", "/readyz").status == 200; }));

  EventClient client(port);
  orders.exec("INSERT INTO orders (id) VALUES (1)");
  client.expect("insert");
  const auto metrics = fetch(port, "GET", "/metrics").body;
  CHECK_THAT(metrics, Contains("\nordercast_log_lines_dropped_total ") &&
                          !Contains("\nordercast_log_lines_dropped_total 0\n"));
  process.signal(SIGKILL);
}

}  // namespace
}  // namespace ordercast
