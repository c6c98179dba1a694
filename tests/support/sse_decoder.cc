#include "support/sse_decoder.h"

#include <algorithm>
#include <charconv>
#include <utility>

namespace ordercast::testing {

void SseDecoder::feed(std::string_view bytes) {
  for (const char byte : bytes) {
    const bool second_of_pair = byte == '\n' && after_carriage_return_;
    after_carriage_return_ = byte == '\r';
    if (second_of_pair) continue;
    if (byte == '\n' || byte == '\r') {
      end_line();
    } else {
      line_.push_back(byte);
    }
  }
}

std::optional<SseEvent> SseDecoder::next() {
  if (events_.empty()) return std::nullopt;
  auto event = std::move(events_.front());
  events_.pop_front();
  return event;
}

void SseDecoder::end_line() {
  constexpr std::string_view kByteOrderMark = "\xef\xbb\xbf";
  if (std::exchange(first_line_, false) && line_.starts_with(kByteOrderMark)) {
    line_.erase(0, kByteOrderMark.size());
  }
  const auto line = std::exchange(line_, {});
  if (line.empty()) return dispatch();
  const auto colon = line.find(':');
  if (colon == 0) return;  // a comment
  if (colon == line.npos) return take_field(line, "");
  auto value = std::string_view(line).substr(colon + 1);
  if (value.starts_with(' ')) value.remove_prefix(1);
  take_field(std::string_view(line).substr(0, colon), value);
}

void SseDecoder::take_field(std::string_view name, std::string_view value) {
  if (name == "event") {
    type_ = value;
  } else if (name == "data") {
    data_.append(value).push_back('\n');
  } else if (name == "id") {
    if (value.find('\0') == value.npos) id_ = value;
  } else if (name == "retry") {
    const auto digit = [](char c) { return c >= '0' && c <= '9'; };
    long long number = 0;
    const auto parsed = std::from_chars(value.data(), value.data() + value.size(), number);
    if (!value.empty() && std::all_of(value.begin(), value.end(), digit) &&
        parsed.ec == std::errc()) {
      retry_ = std::chrono::milliseconds(number);
    }
  }
}

void SseDecoder::dispatch() {
  last_event_id_ = id_;
  const auto type = std::exchange(type_, {});
  auto data = std::exchange(data_, {});
  if (data.empty()) return;
  data.pop_back();
  events_.push_back({type.empty() ? "message" : type, std::move(data), last_event_id_});
}

}  // namespace ordercast::testing
