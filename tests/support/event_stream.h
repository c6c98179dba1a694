// A text/event-stream that a test has in one piece, as a browser sees it.
#pragma once

#include <chrono>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "support/sse_decoder.h"

namespace ordercast::testing {

struct EventStream {
  struct Event {
    std::string id;  // what the client would resume with
    std::string name;
    std::string data;
    friend bool operator==(const Event&, const Event&) = default;
  };

  explicit EventStream(std::string_view bytes) {
    SseDecoder decoder;
    decoder.feed(bytes);
    while (const auto event = decoder.next()) {
      events.push_back({event->last_event_id, event->type, event->data});
    }
    last_event_id = decoder.last_event_id();
    retry = decoder.retry();
  }

  std::vector<Event> events;
  std::string last_event_id;
  std::optional<std::chrono::milliseconds> retry;
};

}  // namespace ordercast::testing
