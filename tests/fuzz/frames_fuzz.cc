// Whatever bytes a row holds: a client of the stream reads them as they were, under the id and the
// name that we gave, and nothing else. The first byte chooses how many events the rest is cut into.
#include <chrono>
#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <string>
#include <string_view>
#include <vector>

#include "core/ndjson.h"
#include "core/sse.h"
#include "support/event_stream.h"

namespace {

using ordercast::testing::EventStream;

void require(bool condition) {
  if (!condition) std::abort();
}

// WHATWG HTML section 9.2.5: CR, LF and CRLF are line ends, and all reach the client as LF.
std::string with_line_feeds(std::string_view text) {
  std::string out;
  for (std::size_t i = 0; i < text.size(); ++i) {
    const bool carriage_return = text[i] == '\r';
    if (carriage_return && text.substr(i, 2) == "\r\n") ++i;
    out += carriage_return ? '\n' : text[i];
  }
  return out;
}

void require_same(const std::vector<std::string_view>& texts) {
  std::string bytes;
  std::vector<EventStream::Event> expected;
  for (const auto text : texts) {
    const auto id = std::to_string(expected.size() + 1);
    ordercast::sse::append(bytes, {.id = id, .name = "insert", .data = text});
    expected.push_back({id, "insert", with_line_feeds(text)});
  }
  ordercast::sse::append_id(bytes, "last");
  const EventStream stream(bytes);
  require(stream.events == expected && stream.last_event_id == "last" && !stream.retry);
}

// One line, whatever is in it.
void require_one_line(std::string_view text) {
  std::string line;
  ordercast::ndjson::append(line, {.id = "1", .name = "insert", .data = text});
  require(line.find_first_of("\r\n") == line.size() - 1);
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  if (size == 0) return 0;
  const std::string_view input(reinterpret_cast<const char*>(data) + 1, size - 1);
  const std::size_t count = data[0] % 8U + 1U;
  std::vector<std::string_view> texts;
  for (std::size_t i = 0; i < count; ++i) {
    const auto begin = input.size() * i / count;
    texts.push_back(input.substr(begin, input.size() * (i + 1) / count - begin));
  }
  require_same(texts);
  require_one_line("{" + std::string(input));
  return 0;
}
