// Frames of text/event-stream (WHATWG HTML, section 9.2.6 "Interpreting an event stream"). Pure
// functions that append to a buffer.
#pragma once

#include <chrono>
#include <string>
#include <string_view>

namespace ordercast::sse {

struct Event {
  std::string_view id;    // a cursor or empty (no id line); no line break, no NUL
  std::string_view name;  // one of our own event names; no line break
  std::string_view data;  // any text; a CR, LF or CRLF in it reaches the client as LF
};

void append(std::string& out, const Event& event);

// How long the client waits before it connects again.
void append_retry(std::string& out, std::chrono::milliseconds delay);

// Moves the client's Last-Event-ID without an event: heartbeat.
void append_id(std::string& out, std::string_view id);

}  // namespace ordercast::sse
