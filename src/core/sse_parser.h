// Takes text/event-stream apart (WHATWG HTML, section 9.2.6 "Interpreting an event stream"): what a
// browser's EventSource would tell its page. Takes its input in pieces of any size, and copies a
// line only when it is torn between two of them. Confined to one thread.
//
// Not done: the decoding of UTF-8; bytes come out as they went in.
#pragma once

#include <chrono>
#include <cstddef>
#include <optional>
#include <string>
#include <string_view>
#include <utility>

namespace ordercast {

// Valid during the call that brings it.
struct SseMessage {
  std::string_view type;           // "message" when the stream names none
  std::string_view data;           // its lines joined by LF
  std::string_view last_event_id;  // of this event, or an earlier one
};

class SseParser {
 public:
  // Calls `sink(const SseMessage&)` for each event that is complete. False when a line, or the data
  // of an event, is longer than kMaxBytes: then nothing more can be made of this stream.
  template <typename Sink>
  [[nodiscard]] bool feed(std::string_view bytes, Sink&& sink);

  // A new connection begins: what was not finished is forgotten, last_event_id() and retry() stay.
  void restart();

  // What EventSource would send as Last-Event-ID now; an id without data changes it, too.
  [[nodiscard]] const std::string& last_event_id() const { return last_event_id_; }
  // The last `retry:`, if there was any.
  [[nodiscard]] std::optional<std::chrono::milliseconds> retry() const { return retry_; }

  // Eight times the largest row that Ordercast sends.
  static constexpr std::size_t kMaxBytes = std::size_t{8} << 20;

 private:
  // `line` is without its end.
  template <typename Sink>
  bool take_line(std::string_view line, Sink& sink);
  bool take_field(std::string_view line);
  template <typename Sink>
  void dispatch(Sink& sink);
  void begin_event();

  std::string line_;  // the beginning of a torn line
  bool first_line_ = true;
  bool after_carriage_return_ = false;
  bool has_data_ = false;
  bool has_id_ = false;
  std::string type_;
  std::string data_;
  std::string id_;
  std::string last_event_id_;
  std::optional<std::chrono::milliseconds> retry_;
};

template <typename Sink>
bool SseParser::feed(std::string_view bytes, Sink&& sink) {
  while (!bytes.empty()) {
    if (after_carriage_return_) {
      after_carriage_return_ = false;
      if (bytes.front() == '\n') bytes.remove_prefix(1);
      continue;
    }
    // Two memchr, since a line end is LF, CR or CRLF: faster than any loop that looks for both.
    auto end = bytes.find('\n');
    const auto carriage_return = bytes.substr(0, end).find('\r');
    if (carriage_return != bytes.npos) {
      end = carriage_return;
      after_carriage_return_ = true;
    }
    const auto part = bytes.substr(0, end);
    if (line_.size() + part.size() > kMaxBytes) return false;
    if (end == bytes.npos) {
      line_.append(part);
      return true;
    }
    bytes.remove_prefix(end + 1);
    if (line_.empty()) {
      if (!take_line(part, sink)) return false;
    } else {
      line_.append(part);
      if (!take_line(line_, sink)) return false;
      line_.clear();
    }
  }
  return true;
}

template <typename Sink>
bool SseParser::take_line(std::string_view line, Sink& sink) {
  constexpr std::string_view kByteOrderMark = "\xef\xbb\xbf";
  if (std::exchange(first_line_, false) && line.starts_with(kByteOrderMark)) {
    line.remove_prefix(kByteOrderMark.size());
  }
  if (!line.empty()) return take_field(line);
  dispatch(sink);
  return true;
}

template <typename Sink>
void SseParser::dispatch(Sink& sink) {
  if (has_id_) last_event_id_.swap(id_);
  if (has_data_) {
    sink(SseMessage{.type = type_.empty() ? std::string_view("message") : type_,
                    .data = data_,
                    .last_event_id = last_event_id_});
  }
  begin_event();
}

}  // namespace ordercast
