// The decoder that tests trust, against the examples of WHATWG HTML section 9.2.6.
#include "support/sse_decoder.h"

#include <catch2/catch.hpp>
#include <string>
#include <vector>

namespace ordercast::testing {
namespace {

// "type|data|id" of each event, whatever the size of the pieces.
std::vector<std::string> decoded(const std::string& text, std::size_t piece) {
  SseDecoder decoder;
  for (std::size_t at = 0; at < text.size(); at += piece) decoder.feed(text.substr(at, piece));
  std::vector<std::string> events;
  while (auto event = decoder.next()) {
    events.push_back(event->type + "|" + event->data + "|" + event->last_event_id);
  }
  return events;
}

void check(const std::string& text, const std::vector<std::string>& events) {
  INFO(text);
  CHECK(decoded(text, 1) == events);
  CHECK(decoded(text, 2) == events);
  CHECK(decoded(text, text.size() + 1) == events);
}

}  // namespace

TEST_CASE("the examples of the standard decode as it says") {
  check("data: YHOO\ndata: +2\ndata: 10\n\n", {"message|YHOO\n+2\n10|"});
  check(
      ": test stream\n\ndata: first event\nid: 1\n\ndata:second event\nid\n\ndata:  third event\n",
      {"message|first event|1", "message|second event|"});
  check("data\n\ndata\ndata\n\ndata:", {"message||", "message|\n|"});
  check("data:test\n\ndata: test\n\n", {"message|test|", "message|test|"});
}

TEST_CASE("all three line ends end lines, also mixed") {
  check("data: a\r\n\r\ndata: b\r\rdata: c\n\n", {"message|a|", "message|b|", "message|c|"});
  check("data: a\r\ndata: b\n\r\n", {"message|a\nb|"});
}

TEST_CASE("types, ids and unknown fields") {
  check("event: insert\nid: 7\ndata: x\nfoo: bar\nDATA: y\n\ndata: z\n\n",
        {"insert|x|7", "message|z|7"});
  check(std::string("id: a\0b\ndata: x\n\n", 17), {"message|x|"});
  check(
      "\xef\xbb\xbf"
      "data: x\n\n",
      {"message|x|"});
}

TEST_CASE("an id alone is remembered, without an event") {
  SseDecoder decoder;
  decoder.feed("id: 9\n\n");
  CHECK_FALSE(decoder.next());
  CHECK(decoder.last_event_id() == "9");
}

TEST_CASE("a retry of digits counts, anything else does not") {
  SseDecoder decoder;
  decoder.feed("retry: soon\nretry: 12a\nretry:\n");
  CHECK_FALSE(decoder.retry());
  decoder.feed("retry: 2731\n");
  CHECK(decoder.retry() == std::chrono::milliseconds(2731));
}

}  // namespace ordercast::testing
