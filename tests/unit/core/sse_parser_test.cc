// Against the examples of WHATWG HTML section 9.2.6, and against streams that are torn or endless.
#include "core/sse_parser.h"

#include <catch2/catch.hpp>
#include <string>
#include <vector>

#include "support/sse_decoder.h"

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
  check(
      "\n\xef\xbb\xbf"
      "data: x\n\n",
      {});  // no byte order mark there, but a field's name
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

TEST_CASE("a stream that is torn at any byte is the same stream") {
  const std::string mixed =
      "retry: 10\r\n: a comment\r\nid: a\revent: insert\ndata: 1\r\n\r\ndata: 2\r\rid: b\n\ndata: "
      "x\n\r\n";
  const std::vector<std::string> events{"insert|1|a", "message|2|a", "message|x|b"};
  for (std::size_t at = 0; at <= mixed.size(); ++at) {
    SseDecoder decoder;
    decoder.feed(mixed.substr(0, at));
    decoder.feed(mixed.substr(at));
    std::vector<std::string> seen;
    while (auto event = decoder.next()) {
      seen.push_back(event->type + "|" + event->data + "|" + event->last_event_id);
    }
    CHECK(seen == events);
  }
}

TEST_CASE("an event that was not finished does not move the id, and a new connection forgets it") {
  SseParser parser;
  std::vector<std::string> data;
  const auto take = [&](const SseMessage& message) { data.emplace_back(message.data); };
  REQUIRE(parser.feed("retry: 7\nid: a\ndata: x\n\nid: b\nevent: insert\ndata: torn\nda", take));
  CHECK(parser.last_event_id() == "a");
  parser.restart();
  REQUIRE(parser.feed("\ndata: y\n\n", take));
  CHECK(data == std::vector<std::string>{"x", "y"});
  CHECK(parser.last_event_id() == "a");
  CHECK(parser.retry() == std::chrono::milliseconds(7));
}

TEST_CASE("a line or an event without end is refused before it fills the memory") {
  const auto ignore = [](const SseMessage&) {};
  const std::string much(std::size_t{1} << 20, 'x');
  for (const std::string& piece : {much, "data: " + much + "\n"}) {
    SseParser parser;
    std::size_t taken = 0;
    while (taken < 2 * SseParser::kMaxBytes && parser.feed(piece, ignore)) taken += much.size();
    CHECK(taken <= SseParser::kMaxBytes);
  }
}

}  // namespace ordercast::testing
