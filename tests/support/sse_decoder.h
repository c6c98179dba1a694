// Decodes text/event-stream as WHATWG HTML section 9.2.6 says, field by field: what a browser's
// EventSource sees. Takes its input in pieces of any size. Confined to one thread.
//
// Not done: the decoding of UTF-8; bytes come out as they went in.
#pragma once

#include <chrono>
#include <deque>
#include <optional>
#include <string>
#include <string_view>

namespace ordercast::testing {

struct SseEvent {
  std::string type;  // "message" when the stream names none
  std::string data;
  std::string last_event_id;
};

class SseDecoder {
 public:
  void feed(std::string_view bytes);

  // The next event that is complete.
  std::optional<SseEvent> next();

  // What EventSource would send as Last-Event-ID now; also an id without data changes it.
  [[nodiscard]] const std::string& last_event_id() const { return last_event_id_; }
  // The last `retry:`, if there was any.
  [[nodiscard]] std::optional<std::chrono::milliseconds> retry() const { return retry_; }

 private:
  void end_line();
  void take_field(std::string_view name, std::string_view value);
  void dispatch();

  std::string line_;
  bool first_line_ = true;
  bool after_carriage_return_ = false;

  std::string type_;
  std::string data_;
  std::string id_;
  std::string last_event_id_;
  std::optional<std::chrono::milliseconds> retry_;
  std::deque<SseEvent> events_;
};

}  // namespace ordercast::testing
