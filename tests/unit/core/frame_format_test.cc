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

}  // namespace
}  // namespace ordercast
