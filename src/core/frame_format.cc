#include "core/frame_format.h"

#include <algorithm>

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

std::size_t count_frames(std::string_view text, FrameFormat format, char before) {
  // An object ends with its line; an event with an empty one, which no field of it can be.
  if (format == FrameFormat::kNdjson) {
    return static_cast<std::size_t>(std::count(text.begin(), text.end(), '\n'));
  }
  constexpr std::string_view kEnd = "\n\n";
  std::size_t count = before == '\n' && text.starts_with('\n') ? 1 : 0;
  for (auto at = text.find(kEnd); at != text.npos; at = text.find(kEnd, at + kEnd.size())) ++count;
  return count;
}

}  // namespace ordercast
