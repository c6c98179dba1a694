#include "http/refusal_form.h"

#include <catch2/catch.hpp>
#include <chrono>
#include <nlohmann/json.hpp>
#include <set>
#include <string>

#include "support/sse_decoder.h"

namespace ordercast::http {
namespace {

using std::chrono::milliseconds;

constexpr Refusal kBusy{503, "busy", "Too \"much\" to do."};
constexpr Refusal kGreedy{429, "greedy", "You have enough."};
constexpr RetryDelays kDelays{.overloaded = {milliseconds(1'000), milliseconds(500)},
                              .limited = {milliseconds(60'000), milliseconds(30'000)}};

testing::SseDecoder decoded(const Response& response) {
  testing::SseDecoder decoder;
  decoder.feed(response.body);
  return decoder;
}

std::string retry_after(const Response& response) {
  for (const auto& [name, value] : response.headers) {
    if (name == "Retry-After") return value;
  }
  return {};
}

}  // namespace

TEST_CASE("an EventSource is told to come back, and why") {
  const auto response = turn_away(true, kBusy, kDelays);
  CHECK(response.status == 200);
  CHECK(response.content_type == "text/event-stream");
  auto decoder = decoded(response);
  REQUIRE(decoder.retry());
  CHECK(*decoder.retry() >= milliseconds(1'000));
  CHECK(*decoder.retry() <= milliseconds(1'500));
  const auto event = decoder.next();
  REQUIRE(event);
  CHECK(event->type == "status");
  const auto data = nlohmann::json::parse(event->data);
  CHECK(data["refused"] == "busy");
  CHECK(data["detail"] == "Too \"much\" to do.");
}

TEST_CASE("all others get the status, problem details and when to come back") {
  const auto response = turn_away(false, kGreedy, kDelays);
  CHECK(response.status == 429);
  CHECK(response.content_type == "application/problem+json");
  const auto problem = nlohmann::json::parse(response.body);
  CHECK(problem["title"] == "Too Many Requests");
  CHECK(problem["code"] == "greedy");
  CHECK(std::stoi(retry_after(response)) >= 60);
  CHECK(std::stoi(retry_after(response)) <= 90);
}

TEST_CASE("who has too much waits longer than who came at a bad moment") {
  CHECK(decoded(turn_away(true, kGreedy, kDelays)).retry() >= milliseconds(60'000));
  CHECK(std::stoi(retry_after(turn_away(false, kBusy, kDelays))) <= 2);
}

TEST_CASE("those who are refused together do not come back together") {
  std::set<milliseconds> delays;
  for (int i = 0; i < 20; ++i) delays.insert(*decoded(turn_away(true, kGreedy, kDelays)).retry());
  CHECK(delays.size() >= 10);
}

TEST_CASE("text/event-stream is for those who say so: curl's */* is no EventSource") {
  CHECK(accepts_event_stream({{"Host", "x"}, {"accept", "text/event-stream"}}));
  CHECK(accepts_event_stream({{"Accept", "application/json, text/event-stream"}}));
  CHECK_FALSE(accepts_event_stream({{"Accept", "*/*"}}));
  CHECK_FALSE(accepts_event_stream({{"Accept", "application/x-ndjson"}}));
  CHECK_FALSE(accepts_event_stream({}));
}

}  // namespace ordercast::http
