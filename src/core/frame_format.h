// The form in which a client gets its events: text/event-stream, or a JSON object a line. Pure
// functions that append to a buffer.
#pragma once

#include <chrono>
#include <cstddef>
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

// How many frames end in `text`, which may begin and end inside of one: `before` is the character
// that came before it.
[[nodiscard]] std::size_t count_frames(std::string_view text, FrameFormat format,
                                       char before = '\0');

// Heartbeat: moves the client's position; only with kSse it is no event.
void append_id(std::string& out, FrameFormat format, std::string_view id);

}  // namespace ordercast
