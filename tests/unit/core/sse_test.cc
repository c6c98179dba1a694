#include "core/sse.h"

#include <rapidcheck/catch.h>

#include <array>
#include <catch2/catch.hpp>
#include <string>
#include <vector>

#include "base/thread.h"
#include "support/event_stream.h"

namespace ordercast {
namespace {

using testing::EventStream;

std::string with_line_feeds(std::string_view text) {
  std::string out;
  for (std::size_t i = 0; i < text.size(); ++i) {
    if (text[i] == '\r') {
      out += '\n';
      if (text.substr(i, 2) == "\r\n") ++i;
    } else {
      out += text[i];
    }
  }
  return out;
}

std::string frame(const Event& event) {
  std::string out;
  sse::append(out, event);
  return out;
}

TEST_CASE("An event is written line by line", "[sse]") {
  CHECK(frame({"7", "insert", "{}"}) == "id: 7\nevent: insert\ndata: {}\n\n");
  CHECK(frame({"", "hello", "{}"}) == "event: hello\ndata: {}\n\n");
}

TEST_CASE("Every kind of line end in the data begins a data line", "[sse]") {
  CHECK(frame({"", "x", "a\nb\rc\r\nd"}) == "event: x\ndata: a\ndata: b\ndata: c\ndata: d\n\n");
  CHECK(frame({"", "x", "\n\r"}) == "event: x\ndata: \ndata: \ndata: \n\n");
}

TEST_CASE("Data cannot forge a field or an event", "[sse]") {
  const auto* data =
      GENERATE("a\rid: 666\r\revent: reset\rdata: b", "a\nid: 666\n\nevent: reset\ndata: b",
               "a\r\nid: 666\r\n\r\nevent: reset\r\ndata: b");
  const EventStream stream(frame({"7", "insert", data}));
  REQUIRE(stream.events.size() == 1);
  CHECK(stream.events[0].id == "7");
  CHECK(stream.events[0].name == "insert");
  CHECK(stream.last_event_id == "7");
}

TEST_CASE("An event with empty data is still an event", "[sse]") {
  CHECK(EventStream(frame({"7", "x", ""})).events ==
        std::vector<EventStream::Event>{{"7", "x", ""}});
}

TEST_CASE("A heartbeat moves the id and is no event", "[sse]") {
  std::string bytes = frame({"7", "x", "{}"});
  sse::append_id(bytes, "8");
  const EventStream stream(bytes);
  CHECK(stream.events.size() == 1);
  CHECK(stream.last_event_id == "8");
}

TEST_CASE("The retry delay is in milliseconds", "[sse]") {
  std::string bytes;
  sse::append_retry(bytes, std::chrono::seconds(2));
  CHECK(bytes == "retry: 2000\n\n");
  CHECK(EventStream(bytes).retry == std::chrono::seconds(2));
  CHECK(EventStream(bytes).events.empty());
}

// Bytes that matter to the format, among others.
rc::Gen<std::string> texts() {
  return rc::gen::container<std::string>(
      rc::gen::oneOf(rc::gen::element('\r', '\n', ':', ' ', '\0', 'i', 'd', '\xef', '\xbb', '\xbf'),
                     rc::gen::arbitrary<char>()));
}

TEST_CASE("What a client reads is what was written", "[sse][property]") {
  rc::prop("id, name and data come back, line ends as LF", [] {
    const auto data = *rc::gen::container<std::vector<std::string>>(texts());
    std::string bytes;
    std::vector<EventStream::Event> expected;
    std::string last_id;
    for (const auto& each : data) {
      const auto id = *rc::gen::element<std::string>("", "1ASNFZ4mr7gUC", "x");
      const auto name = *rc::gen::element<std::string>("insert", "reset");
      sse::append(bytes, {id, name, each});
      if (!id.empty()) last_id = id;
      expected.push_back({last_id, name, with_line_feeds(each)});
    }
    const EventStream stream(bytes);
    RC_ASSERT(stream.events == expected);
    RC_ASSERT(stream.last_event_id == last_id);
  });

  rc::prop("of a frame that is cut anywhere before its end nothing is taken", [] {
    const auto whole = frame({"7", "insert", *texts()});
    const auto size = *rc::gen::inRange<std::size_t>(0, whole.size());
    const EventStream stream(whole.substr(0, size));
    RC_ASSERT(stream.events.empty());
    RC_ASSERT(stream.last_event_id.empty());
  });
}

// The million texts of six of the ten bytes that matter, or of three under the sanitizers, which
// see the same code in each.
constexpr std::size_t kLength = kSanitizerStackFactor > 1 ? 3 : 6;
constexpr std::array kBytes{'\r', '\n', ':', ' ', '\0', 'd', 'i', '\xef', '\xbb', '\xbf'};

// Calls `use` with each, in blocks.
template <typename Use>
void for_all_texts(Use use) {
  std::size_t count = 1;
  for (std::size_t i = 0; i < kLength; ++i) count *= kBytes.size();
  std::vector<std::string> block;
  for (std::size_t number = 0; number < count; ++number) {
    std::string text;
    for (std::size_t rest = number; text.size() < kLength; rest /= kBytes.size()) {
      text += kBytes[rest % kBytes.size()];
    }
    block.push_back(std::move(text));
    if (block.size() < 1000 && number + 1 < count) continue;
    use(block);
    block.clear();
  }
}

TEST_CASE("A million hostile texts come back as they were, each under its own id", "[sse]") {
  std::size_t tried = 0;
  for_all_texts([&](const std::vector<std::string>& texts) {
    std::string bytes;
    std::vector<EventStream::Event> expected;
    for (const auto& text : texts) {
      const auto id = std::to_string(++tried);
      sse::append(bytes, {id, "insert", text});
      expected.push_back({id, "insert", with_line_feeds(text)});
    }
    const EventStream stream(bytes);
    REQUIRE((stream.events == expected));
    REQUIRE_FALSE(stream.retry);
  });
  CHECK(tried >= 1000);
}

}  // namespace
}  // namespace ordercast
