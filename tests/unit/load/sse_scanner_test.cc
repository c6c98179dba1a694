#include "load/sse_scanner.h"

#include <catch2/catch.hpp>
#include <string>
#include <vector>

using namespace ordercast::load;

namespace {

struct Seen {
  std::string name;
  std::uint64_t seq;  // 0: no stamp
  friend bool operator==(const Seen&, const Seen&) = default;
};

std::vector<Seen> scan(SseScanner& scanner, const std::vector<std::string>& pieces) {
  std::vector<Seen> seen;
  for (const auto& piece : pieces) {
    REQUIRE(scanner.feed(piece, [&](const SeenEvent& event) {
      seen.push_back({std::string(event.name), event.stamp ? event.stamp->seq : 0});
    }));
  }
  return seen;
}

std::vector<Seen> scan(const std::string& text) {
  SseScanner scanner;
  return scan(scanner, {text});
}

const std::string kStream =
    "retry: 10\n\n: a comment\nid: a\nevent: insert\ndata: {\"note\":\"~stamp:1:5~\"}\n\n"
    "id: b\ndata: one\ndata: ~stamp:2:6~\ndata: three\n\nid: c\n\n";
const std::vector<Seen> kSeen{{"insert", 1}, {"message", 2}};

}  // namespace

TEST_CASE("events are seen with their name and stamp, frames without data are none") {
  SseScanner scanner;
  CHECK(scan(scanner, {kStream}) == kSeen);
  CHECK(scanner.last_event_id() == "c");
}

TEST_CASE("a stream that is torn at any byte, or into bytes, is the same stream") {
  for (std::size_t at = 0; at <= kStream.size(); ++at) {
    SseScanner scanner;
    CHECK(scan(scanner, {kStream.substr(0, at), kStream.substr(at)}) == kSeen);
    CHECK(scanner.last_event_id() == "c");
  }
  SseScanner scanner;
  std::vector<std::string> bytes;
  for (const char byte : kStream) bytes.emplace_back(1, byte);
  CHECK(scan(scanner, bytes) == kSeen);
}

TEST_CASE("CR and CRLF end a line as LF does, also when they are torn") {
  const std::string mixed =
      "event: a\r\ndata: ~stamp:1:1~\r\n\r\ndata: ~stamp:2:2~\r\rdata: x\n\r\n";
  const std::vector<Seen> expected{{"a", 1}, {"message", 2}, {"message", 0}};
  CHECK(scan(mixed) == expected);
  for (std::size_t at = 0; at <= mixed.size(); ++at) {
    SseScanner scanner;
    CHECK(scan(scanner, {mixed.substr(0, at), mixed.substr(at)}) == expected);
  }
}

TEST_CASE("an event that was not finished does not move the id, and a new connection forgets it") {
  SseScanner scanner;
  CHECK(scan(scanner, {"id: a\ndata: x\n\nid: b\ndata: ~stamp:2:2~\n"}).size() == 1);
  CHECK(scanner.last_event_id() == "a");
  scanner.restart();
  CHECK(scanner.last_event_id() == "a");
  CHECK(scan(scanner, {"\ndata: ~stamp:3:3~\n\n"}) == std::vector<Seen>{{"message", 3}});
  CHECK(scanner.last_event_id() == "a");
}

TEST_CASE("a line without end is refused before it fills the memory") {
  SseScanner scanner;
  const std::string much(std::size_t{1} << 20, 'x');
  const auto ignore = [](const SeenEvent&) {};
  std::size_t taken = 0;
  while (taken < 2 * SseScanner::kMaxLine && scanner.feed(much, ignore)) taken += much.size();
  CHECK(taken <= SseScanner::kMaxLine);
}
