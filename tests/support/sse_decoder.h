// The events of a text/event-stream one by one, as core/sse_parser.h finds them. Takes its input in
// pieces of any size. Confined to one thread.
#pragma once

#include <chrono>
#include <deque>
#include <optional>
#include <stdexcept>
#include <string>
#include <string_view>
#include <utility>

#include "core/sse_parser.h"

namespace ordercast::testing {

struct SseEvent {
  std::string type;  // "message" when the stream names none
  std::string data;
  std::string last_event_id;
};

class SseDecoder {
 public:
  void feed(std::string_view bytes) {
    const bool sound = parser_.feed(bytes, [this](const SseMessage& message) {
      events_.push_back({std::string(message.type), std::string(message.data),
                         std::string(message.last_event_id)});
    });
    if (!sound) throw std::runtime_error("an event is larger than any client would take");
  }

  // The next event that is complete.
  std::optional<SseEvent> next() {
    if (events_.empty()) return std::nullopt;
    auto event = std::move(events_.front());
    events_.pop_front();
    return event;
  }

  // What EventSource would send as Last-Event-ID now; also an id without data changes it.
  [[nodiscard]] const std::string& last_event_id() const { return parser_.last_event_id(); }
  // The last `retry:`, if there was any.
  [[nodiscard]] std::optional<std::chrono::milliseconds> retry() const { return parser_.retry(); }

 private:
  SseParser parser_;
  std::deque<SseEvent> events_;
};

}  // namespace ordercast::testing
