#include "core/frame_format.h"

#include "core/ndjson.h"
#include "core/sse.h"

namespace ordercast {

std::string_view media_type(FrameFormat format) {
  return format == FrameFormat::kNdjson ? "application/x-ndjson" : "text/event-stream";
}

void append_event(std::string& out, FrameFormat format, const Event& event) {
  format == FrameFormat::kNdjson ? ndjson::append(out, event) : sse::append(out, event);
}

void append_retry(std::string& out, FrameFormat format, std::chrono::milliseconds delay) {
  format == FrameFormat::kNdjson ? ndjson::append_retry(out, delay) : sse::append_retry(out, delay);
}

void append_id(std::string& out, FrameFormat format, std::string_view id) {
  if (format == FrameFormat::kSse) {
    sse::append_id(out, id);
  } else {
    append_event(out, format, {.id = id, .name = "heartbeat", .data = "{}"});
  }
}

}  // namespace ordercast
