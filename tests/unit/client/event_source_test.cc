// Against servers that do what no good one does.
#include "client/event_source.h"

#include <fmt/format.h>

#include <catch2/catch.hpp>
#include <string>
#include <utility>
#include <vector>

#include "base/wake_fd.h"
#include "support/scripted_server.h"

namespace ordercast::client {
namespace {

using namespace std::chrono_literals;
using std::chrono::milliseconds;
using testing::ScriptedServer;
using Requests = std::vector<std::string>;

constexpr char kStreamHead[] =
    "HTTP/1.1 200 OK\r\nContent-Type: text/event-stream\r\nTransfer-Encoding: chunked\r\n\r\n";

std::string chunk(const std::string& text) {
  return fmt::format("{:x}\r\n{}\r\n", text.size(), text);
}

// A stream that stays open; one that is ended by the server.
std::string open_stream(const std::string& events) {
  return kStreamHead + chunk(events);
}
std::string ended_stream(const std::string& events) {
  return open_stream(events) + "0\r\n\r\n";
}

ScriptedServer::Script says(std::string answer, Requests* requests = nullptr) {
  return [answer = std::move(answer), requests](const std::string& request) {
    if (requests != nullptr) requests->push_back(request);
    return answer;
  };
}

class Collector : public EventHandler {
 public:
  // Has enough after an event of this data.
  explicit Collector(std::string last = "last") : last_(std::move(last)) {}

  bool on_event(const SseMessage& message) override {
    data.emplace_back(message.data);
    return message.data != last_;
  }
  void on_pause(milliseconds pause, std::string_view why) override {
    pauses.push_back(pause);
    reasons.emplace_back(why);
  }

  std::vector<std::string> data;
  std::vector<milliseconds> pauses;
  std::vector<std::string> reasons;

 private:
  std::string last_;
};

EventSourceOptions of(const ScriptedServer& server) {
  EventSourceOptions options;
  options.url = fmt::format("http://127.0.0.1:{}/v1/streams/orders", server.port());
  options.retry = 100ms;
  options.random = [](std::uint64_t) { return 0; };
  return options;
}

}  // namespace

TEST_CASE("a stream that ends is resumed with the id of its last event") {
  Requests requests;
  ScriptedServer server(
      {says(ended_stream("id: a\ndata: 1\n\nid: b\n\nid: c\ndata: torn"), &requests),
       says(open_stream("data: last\n\n"), &requests)});
  Collector collector;
  auto options = of(server);
  options.last_event_id = "earliest";
  options.token = [] { return std::string("secret"); };
  CHECK(EventSource(options).run(collector, -1) == EventSource::End::kEnough);
  CHECK(collector.data == std::vector<std::string>{"1", "last"});
  REQUIRE(requests.size() == 2);
  CHECK_THAT(requests[0], Catch::Contains("Last-Event-ID: earliest\r\n") &&
                              Catch::Contains("Authorization: Bearer secret\r\n"));
  CHECK_THAT(requests[1], Catch::Contains("Last-Event-ID: b\r\n"));
}

TEST_CASE("pauses grow from what the server asks for, with jitter, and begin anew with an event") {
  // A refusal is no progress: the third pause may be twice as long as the second.
  const auto refusal = ended_stream("retry: 110\nevent: status\ndata: {}\n\n");
  ScriptedServer server({says(ended_stream("retry: 110\ndata: 1\n\n")), says(refusal),
                         says(refusal), says(ended_stream("data: 2\n\n")),
                         says(open_stream("data: last\n\n"))});
  Collector collector;
  auto options = of(server);
  options.random = [](std::uint64_t bound) { return bound; };
  CHECK(EventSource(options).run(collector, -1) == EventSource::End::kEnough);
  CHECK(collector.pauses == std::vector<milliseconds>{220ms, 440ms, 880ms, 220ms});
}

TEST_CASE("the jitter is over the whole width, and no server can ask for none at all") {
  std::vector<std::uint64_t> bounds;
  ScriptedServer server(
      {says(ended_stream("retry: 0\ndata: 1\n\n")), says(open_stream("data: last\n\n"))});
  Collector collector;
  auto options = of(server);
  options.random = [&](std::uint64_t bound) {
    bounds.push_back(bound);
    return std::uint64_t{0};
  };
  EventSource(options).run(collector, -1);
  CHECK(collector.pauses == std::vector<milliseconds>{100ms});
  CHECK(bounds == std::vector<std::uint64_t>{100});
}

TEST_CASE("what passes is waited for, as long as Retry-After says") {
  ScriptedServer server(
      {says("HTTP/1.1 502 Bad Gateway\r\nContent-Length: 0\r\n\r\n"),
       says("HTTP/1.1 429 Too Many Requests\r\nRetry-After: 1\r\nContent-Length: 0\r\n\r\n"),
       says(open_stream("data: last\n\n"))});
  Collector collector;
  EventSource(of(server)).run(collector, -1);
  CHECK(collector.pauses == std::vector<milliseconds>{100ms, 1000ms});
  CHECK_THAT(collector.reasons.at(0), Catch::Contains("502"));
}

TEST_CASE("what does not pass is said, and not tried again") {
  Collector collector;
  const auto refused = [&](const std::string& answer) {
    ScriptedServer server({says(answer)});
    try {
      EventSource(of(server)).run(collector, -1);
    } catch (const StreamRefused& error) {
      return std::string(error.what());
    }
    return std::string("not refused");
  };
  CHECK(refused("HTTP/1.1 401 Unauthorized\r\nContent-Length: 2\r\n\r\nno") == "status 401 no");
  CHECK_THAT(refused("HTTP/1.1 302 Found\r\nLocation: /\r\nContent-Length: 0\r\n\r\n"),
             Catch::Contains("302"));
  CHECK_THAT(refused("HTTP/1.1 200 OK\r\nContent-Type: text/html\r\nContent-Length: 2\r\n\r\nhi"),
             Catch::Contains("no event stream"));
  CHECK(collector.pauses.empty());

  ScriptedServer server({says("HTTP/1.1 204 No Content\r\n\r\n")});
  CHECK(EventSource(of(server)).run(collector, -1) == EventSource::End::kTold);
}

TEST_CASE("a line without end ends it before it fills the memory") {
  const std::string much(SseParser::kMaxBytes + (std::size_t{1} << 20), 'x');
  ScriptedServer server({says(open_stream("data: " + much))});
  Collector collector;
  CHECK_THROWS_WITH(EventSource(of(server)).run(collector, -1), Catch::Contains("8 MiB"));
}

TEST_CASE("a connection that has fallen silent is given up") {
  Requests requests;
  ScriptedServer server({says(open_stream("id: a\ndata: 1\n\n"), &requests),
                         says(open_stream("data: last\n\n"), &requests)});
  Collector collector;
  auto options = of(server);
  // Longer than a busy machine is silent, for the second connection is not.
  options.silence_limit = 5'000ms;
  EventSource(options).run(collector, -1);
  CHECK_THAT(collector.reasons.at(0), Catch::Contains("nothing came"));
  CHECK_THAT(requests.at(1), Catch::Contains("Last-Event-ID: a\r\n"));
}

TEST_CASE("it can be woken: while nothing comes, and in a pause") {
  struct Waker : Collector {
    bool on_event(const SseMessage& message) override {
      wake.set();
      return Collector::on_event(message);
    }
    WakeFd wake;
  };
  Waker handler;
  ScriptedServer server({says(open_stream("data: 1\n\n"))});
  CHECK(EventSource(of(server)).run(handler, handler.wake.fd()) == EventSource::End::kWoken);
  CHECK(handler.pauses.empty());
  auto options = of(server);
  options.url = "http://127.0.0.1:1/";  // nobody listens
  options.retry = 60'000ms;
  CHECK(EventSource(options).run(handler, handler.wake.fd()) == EventSource::End::kWoken);
}

}  // namespace ordercast::client
