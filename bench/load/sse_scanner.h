// Splits text/event-stream into events (WHATWG HTML, section 9.2.6) and keeps of each only what a
// load generator needs: its name, its id and its stamp. Takes its input in pieces of any size and
// copies a line only when it is torn between two of them. Confined to one thread.
#pragma once

#include <cstddef>
#include <cstdint>
#include <cstring>
#include <optional>
#include <string>
#include <string_view>

#include "load/stamp.h"

namespace ordercast::load {

struct SeenEvent {
  std::string_view name;  // "message" when the stream names none; valid until the next feed()
  std::optional<Stamp> stamp;
};

class SseScanner {
 public:
  // Calls `sink(const SeenEvent&)` for each event that is complete. False when a line is longer
  // than kMaxLine: then nothing more can be made of this stream.
  template <typename Sink>
  [[nodiscard]] bool feed(std::string_view bytes, Sink&& sink);

  // A new connection begins; the id of the last event stays.
  void restart();

  // What EventSource would send as Last-Event-ID now.
  [[nodiscard]] const std::string& last_event_id() const { return last_event_id_; }

  // Eight times the largest row that Ordercast sends.
  static constexpr std::size_t kMaxLine = std::size_t{8} << 20;

 private:
  // A line without its end.
  template <typename Sink>
  void take_line(std::string_view line, Sink& sink);
  void take_field(std::string_view line);
  template <typename Sink>
  void dispatch(Sink& sink);

  std::string line_;  // the beginning of a torn line
  bool after_carriage_return_ = false;
  bool has_data_ = false;
  bool has_id_ = false;
  std::string name_;
  std::string id_;
  std::string last_event_id_;
  std::optional<Stamp> stamp_;
};

template <typename Sink>
bool SseScanner::feed(std::string_view bytes, Sink&& sink) {
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
    if (line_.size() + part.size() > kMaxLine) return false;
    if (end == bytes.npos) {
      line_.append(part);
      return true;
    }
    if (line_.empty()) {
      take_line(part, sink);
    } else {
      line_.append(part);
      take_line(line_, sink);
      line_.clear();
    }
    bytes.remove_prefix(end + 1);
  }
  return true;
}

template <typename Sink>
void SseScanner::take_line(std::string_view line, Sink& sink) {
  if (line.empty()) {
    dispatch(sink);
  } else {
    take_field(line);
  }
}

template <typename Sink>
void SseScanner::dispatch(Sink& sink) {
  if (has_id_) last_event_id_.swap(id_);
  if (has_data_) sink(SeenEvent{name_.empty() ? std::string_view("message") : name_, stamp_});
  has_data_ = false;
  has_id_ = false;
  name_.clear();
  stamp_.reset();
}

}  // namespace ordercast::load
