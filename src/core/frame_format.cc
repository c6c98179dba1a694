#include "core/frame_format.h"

#include "core/ndjson.h"
#include "core/sse.h"

namespace ordercast {

std::string_view media_type(FrameFormat format) {
  return format == FrameFormat::kSse ? "text/event-stream" : "application/x-ndjson";
}

void append_event(std::string& out, FrameFormat format, const Event& event) {
  format == FrameFormat::kSse ? sse::append(out, event) : ndjson::append(out, event);
}

void append_retry(std::string& out, FrameFormat format, std::chrono::milliseconds delay) {
  format == FrameFormat::kSse ? sse::append_retry(out, delay) : ndjson::append_retry(out, delay);
}

void append_id(std::string& out, FrameFormat format, std::string_view id) {
  format == FrameFormat::kSse ? sse::append_id(out, id) : ndjson::append_id(out, id);
}

}  // namespace ordercast
