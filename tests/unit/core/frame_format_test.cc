#include "core/frame_format.h"

#include <catch2/catch.hpp>

#include "core/ndjson.h"
#include "core/sse.h"

namespace ordercast {
namespace {

TEST_CASE("Each form has its media type and writes all that a stream says", "[frame_format]") {
  const Event event{"7", "insert", "{}"};
  const std::chrono::milliseconds delay{2731};
  std::string frames;
  std::string expected;
  SECTION("text/event-stream") {
    CHECK(media_type(FrameFormat::kSse) == "text/event-stream");
    append_event(frames, FrameFormat::kSse, event);
    append_retry(frames, FrameFormat::kSse, delay);
    append_id(frames, FrameFormat::kSse, "8");
    sse::append(expected, event);
    sse::append_retry(expected, delay);
    sse::append_id(expected, "8");
  }
  SECTION("text/event-stream whose heartbeats are events") {
    CHECK(media_type(FrameFormat::kSseHeartbeats) == "text/event-stream");
    append_event(frames, FrameFormat::kSseHeartbeats, event);
    append_retry(frames, FrameFormat::kSseHeartbeats, delay);
    append_id(frames, FrameFormat::kSseHeartbeats, "8");
    sse::append(expected, event);
    sse::append_retry(expected, delay);
    sse::append(expected, {"8", "heartbeat", "{}"});
  }
  SECTION("a JSON object a line") {
    CHECK(media_type(FrameFormat::kNdjson) == "application/x-ndjson");
    append_event(frames, FrameFormat::kNdjson, event);
    append_retry(frames, FrameFormat::kNdjson, delay);
    append_id(frames, FrameFormat::kNdjson, "8");
    ndjson::append(expected, event);
    ndjson::append_retry(expected, delay);
    ndjson::append(expected, {"8", "heartbeat", "{}"});
  }
  CHECK(frames == expected);
}

TEST_CASE("Frames are counted, also in text that was cut anywhere", "[frame_format]") {
  const auto format = GENERATE(FrameFormat::kSse, FrameFormat::kNdjson);
  std::string frames;
  // A `json` column keeps its empty lines; as data they are none of the stream's.
  append_event(frames, format, {"7", "insert", "{\"a\":\n\n1}"});
  append_event(frames, format, {"", "insert", "{}"});
  append_event(frames, format, {"8", "update", "{}"});
  CHECK(count_frames("", format) == 0);
  CHECK(count_frames(frames, format) == 3);
  for (std::size_t cut = 1; cut < frames.size(); ++cut) {
    const std::string_view text(frames);
    CHECK(count_frames(text.substr(0, cut), format) +
              count_frames(text.substr(cut), format, text[cut - 1]) ==
          3);
  }
}

}  // namespace
}  // namespace ordercast
