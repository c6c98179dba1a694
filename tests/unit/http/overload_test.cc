// docs/security.md row 15: connections that cannot be served are refused in the way their clients
// can live with, and those that are served never notice.
#include <atomic>
#include <catch2/catch.hpp>
#include <cerrno>
#include <memory>
#include <nlohmann/json.hpp>
#include <set>
#include <string>
#include <vector>

#include "support/http_client.h"
#include "support/test_site.h"

namespace ordercast::testing {
namespace {

using std::chrono::milliseconds;
using std::string_literals::operator""s;

http::ServerOptions room_for(std::size_t connections) {
  http::ServerOptions options;
  options.max_connections = connections;
  options.refusal_timeout = kPatience;  // of who is slow only some tests are
  return options;
}

const std::string kEventSource =
    "GET /stream/three HTTP/1.1\r\nHost: x\r\nAccept: text/event-stream\r\n\r\n";

// The `retry:` that a refused EventSource is told.
milliseconds told_retry(const HttpResponse& response) {
  SseDecoder decoder;
  decoder.feed(response.body);
  REQUIRE(decoder.retry());
  return *decoder.retry();
}

void check_refused(std::uint16_t port) {
  const auto plain = fetch(port, "GET", "/echo");
  CHECK(plain.status == 503);
  CHECK(nlohmann::json::parse(plain.body)["code"] == "overloaded");
  CHECK(plain.header("Retry-After"));
  CHECK(plain.header("X-Content-Type-Options") == "nosniff");

  const auto stream = round_trip(port, kEventSource);
  REQUIRE(stream.size() == 1);
  CHECK(stream[0].status == 200);
  CHECK(stream[0].header("Content-Type") == "text/event-stream");
  CHECK(told_retry(stream[0]) >= http::ServerOptions().retry_delays.overloaded.least);
}

}  // namespace

TEST_CASE(
    "a server at its limit refuses politely, serves on, and takes new ones when there is room") {
  TestSite site(room_for(2));
  auto first = std::make_unique<EventStreamClient>(site.port(), "/stream/hold");
  EventStreamClient second(site.port(), "/stream/hold");
  CHECK(first->next()->data == "open");
  CHECK(second.next()->data == "open");

  check_refused(site.port());
  CHECK(site.server().counters().refused == 2);
  CHECK(site.server().counters().open_connections == 2);
  CHECK_FALSE(second.has_event_within(milliseconds(0)));

  first.reset();
  CHECK(eventually([&] { return site.server().counters().open_connections == 1; }));
  CHECK(fetch(site.port(), "GET", "/echo").status == 200);
}

TEST_CASE("without a thread to be had, refusals are the same, until there is one") {
  std::atomic<bool> exhausted = false;
  http::ServerOptions options;
  options.start_thread = [&](pthread_t* thread, const ThreadSpec& spec, ThreadBody body) {
    return exhausted ? EAGAIN : start_joinable_thread(thread, spec, std::move(body));
  };
  options.refusal_timeout = kPatience;
  TestSite site(options);
  EventStreamClient stream(site.port(), "/stream/hold");
  CHECK(stream.next()->data == "open");
  exhausted = true;
  for (int i = 0; i < 10; ++i) check_refused(site.port());
  exhausted = false;
  CHECK(fetch(site.port(), "GET", "/echo").status == 200);
  CHECK(site.server().counters().refused == 20);
}

TEST_CASE("refused event streams are told to come back at different times") {
  TestSite site(room_for(0));
  std::set<milliseconds> delays;
  for (int i = 0; i < 20; ++i) {
    delays.insert(told_retry(round_trip(site.port(), kEventSource).at(0)));
  }
  // 20 draws from 4,001 values: fewer than 10 different ones would be no accident.
  CHECK(delays.size() >= 10);
}

TEST_CASE("a server that refuses all else says that it lives") {
  TestSite site(room_for(0));
  const auto response = fetch(site.port(), "GET", "/alive");
  CHECK(response.status == 200);
  CHECK(response.body == "alive");
  CHECK(fetch(site.port(), "POST", "/alive").status == 503);
  CHECK(fetch(site.port(), "GET", "/echo").status == 503);
}

TEST_CASE("a refused client that says nothing, or little, is answered all the same") {
  auto options = room_for(0);
  options.refusal_timeout = milliseconds(50);
  TestSite site(options);
  RawConnection silent(site.port());
  RawConnection slow(site.port());
  slow.send("GET /stream/three HTTP/1.1\r\n");
  for (auto* client : {&silent, &slow}) {
    const auto responses = parse_responses(client->read_to_end());
    REQUIRE(responses.size() == 1);
    CHECK(responses[0].status == 503);
  }
}

TEST_CASE("a refused client that sends garbage or a flood is answered 503") {
  TestSite site(room_for(0));
  for (const std::string& bytes : {"\x16\x03\x01"s, "GET /" + std::string(20'000, 'a')}) {
    RawConnection client(site.port());
    client.send(bytes);
    const auto text = client.read_until("\r\n\r\n");
    CHECK(text.starts_with("HTTP/1.1 503 "));
  }
}

TEST_CASE("more clients than can even be refused are closed at once") {
  auto options = room_for(0);
  options.refusal_slots = 3;
  options.refusal_timeout = milliseconds(60'000);
  TestSite site(options);
  std::vector<std::unique_ptr<RawConnection>> waiting;
  for (int i = 0; i < 3; ++i) waiting.push_back(std::make_unique<RawConnection>(site.port()));
  CHECK(eventually([&] { return site.server().counters().refused == 3; }));
  RawConnection fourth(site.port());
  CHECK(fourth.read_to_end().empty());
  for (const auto& client : waiting) CHECK(client->silent_for(milliseconds(0)));
}

TEST_CASE("the refusing thread does not hold stop up") {
  auto options = room_for(0);
  options.refusal_timeout = milliseconds(3'600'000);
  TestSite site(options);
  RawConnection client(site.port());
  CHECK(eventually([&] { return site.server().counters().refused == 1; }));
  CHECK(site.server().stop());
  CHECK(client.read_to_end().empty());
}

}  // namespace ordercast::testing
