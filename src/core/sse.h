// Frames of text/event-stream (WHATWG HTML, section 9.2.6 "Interpreting an event stream"). Pure
// functions that append to a buffer.
#pragma once

#include <chrono>
#include <string>
#include <string_view>

#include "core/event.h"

namespace ordercast::sse {

// The data may be any text; a CR, LF or CRLF in it reaches the client as LF.
void append(std::string& out, const Event& event);

// How long the client waits before it connects again.
void append_retry(std::string& out, std::chrono::milliseconds delay);

// Moves the client's Last-Event-ID without an event: heartbeat.
void append_id(std::string& out, std::string_view id);

}  // namespace ordercast::sse
