// The form in which a client gets its events: text/event-stream, or a JSON object a line. Pure
// functions that append to a buffer.
#pragma once

#include <chrono>
#include <string>
#include <string_view>

#include "core/event.h"

namespace ordercast {

enum class FrameFormat {
  kSse,
  kSseHeartbeats,  // the same, with heartbeats that EventSource shows its page
  kNdjson
};

[[nodiscard]] std::string_view media_type(FrameFormat format);

void append_event(std::string& out, FrameFormat format, const Event& event);

// How long the client waits before it connects again.
void append_retry(std::string& out, FrameFormat format, std::chrono::milliseconds delay);

// Heartbeat: moves the client's position; only with kSse it is no event.
void append_id(std::string& out, FrameFormat format, std::string_view id);

}  // namespace ordercast
