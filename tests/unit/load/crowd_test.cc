#include "load/crowd.h"

#include <fmt/format.h>

#include <atomic>
#include <catch2/catch.hpp>
#include <functional>

#include "load/change_numbers.h"
#include "support/eventually.h"
#include "support/scripted_server.h"

using namespace std::chrono_literals;
using namespace ordercast;
using namespace ordercast::load;
using ordercast::testing::eventually;
using ordercast::testing::ScriptedServer;

namespace {

constexpr auto kPatience = 30s;

std::string stream(const std::vector<std::uint64_t>& seqs) {
  std::string text = "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n";
  for (const auto seq : seqs) {
    const auto event = fmt::format("id: at-{}\ndata: {}\n\n", seq, Stamp{seq, 1}.text());
    text += fmt::format("{:x}\r\n{}\r\n", event.size(), event);
  }
  return text;
}

ScriptedServer::Script sends(std::string text) {
  return [text = std::move(text)](const std::string&) { return text; };
}

CrowdOptions of(const ScriptedServer& server, std::size_t connections) {
  CrowdOptions options;
  options.port = server.port();
  options.target = "/stream";
  options.connections = connections;
  return options;
}

}  // namespace

TEST_CASE("a crowd counts what each connection lacks, has twice, or has late") {
  ScriptedServer server({sends(stream({1, 2, 3, 4})), sends(stream({1, 2, 4})),
                         sends(stream({1, 2, 2, 3, 4})), sends(stream({1, 3, 2, 4}))});
  Crowd crowd(of(server, 4));
  crowd.begin(1, 4);
  crowd.connect(kPatience);
  REQUIRE(crowd.run_until([&] { return crowd.reached(4) == 4; }, kPatience));
  CHECK(crowd.faults() == Faults{.lost = 1, .duplicated = 1, .reordered = 1});
  CHECK_FALSE(crowd.complete());
  CHECK(crowd.deliveries().count() == 15);
}

TEST_CASE("a crowd that has had everything is complete") {
  ScriptedServer server({sends(stream({1, 2})), sends(stream({1, 2}))});
  Crowd crowd(of(server, 2));
  crowd.begin(1, 2);
  crowd.connect(kPatience);
  CHECK(crowd.run(kPatience));
  CHECK(crowd.faults().none());
}

TEST_CASE("a stream that ends is resumed with the id of its last event, and checked across") {
  std::string second_request;
  ScriptedServer server({sends(stream({1, 2}) + "0\r\n\r\n"), [&](const std::string& request) {
                           second_request = request;
                           return stream({3, 4});
                         }});
  auto options = of(server, 1);
  options.reconnect = true;
  Crowd crowd(options);
  crowd.begin(1, 4);
  crowd.connect(kPatience);
  REQUIRE(crowd.run(kPatience));
  CHECK(crowd.faults().none());
  CHECK(crowd.ended() == 1);
  CHECK(second_request.find("Last-Event-ID: at-2\r\n") != std::string::npos);
}

TEST_CASE("a refused connection says why") {
  ScriptedServer server({sends("HTTP/1.1 400 Bad Request\r\nContent-Length: 2\r\n\r\nno")});
  Crowd crowd(of(server, 1));
  CHECK_THROWS_WITH(crowd.connect(kPatience), Catch::Contains("status 400"));
  CHECK(crowd.refused() == 1);
}

TEST_CASE("nobody listens: that is said") {
  CrowdOptions options;
  options.port = 1;  // a port that was just free may be another test's by now
  options.target = "/";
  Crowd crowd(options);
  CHECK_THROWS_WITH(crowd.connect(kPatience), Catch::Contains("Connection refused"));
}

TEST_CASE("connections to a live stream are held against each other") {
  // What an Ordercast sends to connections that begin one after the other; one of them lacks a
  // change. Each is answered when the crowd has seen so many events, for who sees a change first
  // numbers it, and the end of an answer may arrive after the beginning of the next.
  std::atomic<std::size_t> seen = 0;
  const auto live = [&](std::size_t when, const std::vector<int>& seqs) {
    std::string text = "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n";
    for (const auto seq : seqs) {
      const auto event = fmt::format(
          "data: {{\"op\":\"insert\",\"at\":\"2026-11-25T16:02:59.1Z\",\"seq\":{}}}\n\n", seq);
      text += fmt::format("{:x}\r\n{}\r\n", event.size(), event);
    }
    return [&seen, when, text](const std::string&) {
      (void)eventually([&] { return seen >= when; });
      return text;
    };
  };
  ScriptedServer server(
      {live(0, {40, 42, 41, 50}), live(4, {42, 50}), live(6, {}), live(6, {41, 50, 50})});
  ChangeNumbers numbers;
  auto options = of(server, 4);
  options.stamp_of = [&](std::string_view data) {
    const auto stamp = numbers.of(data);
    ++seen;
    return stamp;
  };
  Crowd crowd(options);
  crowd.watch();
  crowd.connect(kPatience);
  REQUIRE(crowd.run_until([&] { return crowd.reached(4) == 3 && crowd.events() == 9; }, kPatience));
  crowd.end_watch(crowd.highest());
  // Lost: 41 by the second, 50 at least by the third.
  CHECK(crowd.faults() == Faults{.lost = 2, .duplicated = 1, .reordered = 0});
}
