// threats.md row 13 through real sockets: at a limit the next one is refused at once, in the form
// that its client can live with, and those who were there before notice nothing.
#include <algorithm>
#include <catch2/catch.hpp>
#include <chrono>
#include <functional>
#include <list>
#include <nlohmann/json.hpp>
#include <string>
#include <vector>

#include "support/http_client.h"
#include "support/test_site.h"

namespace ordercast::testing {
namespace {

using std::chrono::milliseconds;
using Clock = std::chrono::steady_clock;

http::ServerOptions behind_a_proxy() {
  http::ServerOptions options;
  options.admission.most_per_client = 2;
  options.admission.trusted_proxies = {*http::AddressRange::parse("127.0.0.1")};
  return options;
}

std::vector<http::Header> from(const std::string& client) {
  return {{"X-Forwarded-For", client}};
}

std::string request_of(const std::string& target, const std::vector<http::Header>& headers) {
  std::string text = "GET " + target + " HTTP/1.1\r\nHost: x\r\n";
  for (const auto& [name, value] : headers) text.append(name + ": " + value + "\r\n");
  return text + "\r\n";
}

// Streams that are open, and go on.
class Residents {
 public:
  void add(TestSite& site, const std::vector<http::Header>& headers) {
    clients_.emplace_back(site.port(), "/stream/hold", headers);
    CHECK(clients_.back().next()->data == "open");
  }
  [[nodiscard]] bool undisturbed() {
    return std::all_of(clients_.begin(), clients_.end(), [](EventStreamClient& client) {
      return client.connection().silent_for(milliseconds(0));
    });
  }
  void leave() { clients_.clear(); }

 private:
  std::list<EventStreamClient> clients_;
};

Clock::duration time_of(const std::function<void()>& action) {
  const auto start = Clock::now();
  action();
  return Clock::now() - start;
}

void check_refused_stream(const HttpResponse& response, const std::string& code) {
  CHECK(response.status == 200);
  CHECK(response.header("Content-Type") == "text/event-stream");
  SseDecoder decoder;
  decoder.feed(response.body);
  REQUIRE(decoder.retry());
  CHECK(*decoder.retry() >= http::ServerOptions().retry_delays.limited.least);
  const auto event = decoder.next();
  REQUIRE(event);
  CHECK(nlohmann::json::parse(event->data)["refused"] == code);
}

}  // namespace

TEST_CASE(
    "behind a trusted proxy each client has a limit of its own, by the address it came from") {
  TestSite site(behind_a_proxy());
  Residents residents;
  for (int i = 0; i < 2; ++i) residents.add(site, from("198.51.100.7"));
  for (int i = 0; i < 2; ++i) residents.add(site, from("2001:db8::" + std::to_string(i)));

  CHECK(fetch(site.port(), "GET", "/echo", {}, from("198.51.100.7")).status == 429);
  CHECK(fetch(site.port(), "GET", "/echo", {}, from("6.6.6.6, 198.51.100.7")).status == 429);
  CHECK(fetch(site.port(), "GET", "/echo", {}, from("2001:db8::77")).status == 429);
  CHECK(fetch(site.port(), "GET", "/echo", {}, from("198.51.100.8")).status == 200);
  auto headers = from("198.51.100.7");
  headers.push_back({"Accept", "text/event-stream"});
  check_refused_stream(round_trip(site.port(), request_of("/stream/hold", headers)).at(0),
                       "too_many_connections");
  CHECK(residents.undisturbed());

  residents.leave();
  CHECK(eventually([&] { return site.server().counters().clients == 0; }));
  const auto echo = nlohmann::json::parse(
      fetch(site.port(), "GET", "/echo", {}, from("6.6.6.6, 198.51.100.7")).body);
  CHECK(echo["remote"] == "127.0.0.1");
  CHECK(echo["client"] == "198.51.100.7");
}

TEST_CASE("a refusal takes no longer than an answer, and nobody notices") {
  TestSite site(behind_a_proxy());
  Residents residents;
  for (int i = 0; i < 2; ++i) residents.add(site, from("198.51.100.7"));
  // By turns, and the best of each: what else the machine does must not matter.
  auto served = Clock::duration::max();
  auto refused = Clock::duration::max();
  // On a busy machine it can take many turns until neither was in its way.
  constexpr int kMostTurns = 250;
  for (int i = 1; i <= 15 || (refused >= 10 * served && i <= kMostTurns); ++i) {
    // Each from another address: a connection counts until its thread has ended, a little after the
    // answer.
    const auto client = from("203.0.113." + std::to_string(i));
    served = std::min(served, time_of([&] {
                        CHECK(fetch(site.port(), "GET", "/echo", {}, client).status == 200);
                      }));
    refused = std::min(
        refused, time_of([&] {
          CHECK(fetch(site.port(), "GET", "/echo", {}, from("198.51.100.7")).status == 429);
        }));
  }
  CHECK(refused < 10 * served);
  CHECK(residents.undisturbed());
}

TEST_CASE("a crowd beyond the rate is told to come back, and comes in when there is room") {
  http::ServerOptions options;
  options.admission.burst = 5;
  options.admission.per_second = 1;
  TestSite site(options);
  Residents residents;
  for (int i = 0; i < 3; ++i) residents.add(site, {});
  // Faster than tokens come, until one is refused; then patience is enough.
  int refused = 0;
  while (refused == 0) refused += fetch(site.port(), "GET", "/echo").status == 503;
  CHECK(site.server().counters().refusals.at("too_many_new_connections") == 1);
  CHECK(eventually([&] { return fetch(site.port(), "GET", "/echo").status == 200; }));
  CHECK(residents.undisturbed());
}

}  // namespace ordercast::testing
