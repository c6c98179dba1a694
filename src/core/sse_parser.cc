#include "core/sse_parser.h"

#include <algorithm>
#include <charconv>
#include <utility>

namespace ordercast {
namespace {

// Of a client with thousands of connections none keeps what one large event has taken.
constexpr std::size_t kKeptBytes = std::size_t{64} << 10;

std::optional<std::chrono::milliseconds> milliseconds_of(std::string_view value) {
  const auto digit = [](char c) { return c >= '0' && c <= '9'; };
  std::chrono::milliseconds::rep number = 0;
  const auto parsed = std::from_chars(value.data(), value.data() + value.size(), number);
  if (value.empty() || !std::all_of(value.begin(), value.end(), digit) ||
      parsed.ec != std::errc()) {
    return std::nullopt;
  }
  return std::chrono::milliseconds(number);
}

}  // namespace

void SseParser::restart() {
  auto id = std::move(last_event_id_);
  const auto retry = retry_;
  *this = {};
  last_event_id_ = std::move(id);
  retry_ = retry;
}

void SseParser::begin_event() {
  has_data_ = false;
  has_id_ = false;
  type_.clear();
  data_.clear();
  if (data_.capacity() > kKeptBytes) data_.shrink_to_fit();
  if (line_.capacity() > kKeptBytes) std::string().swap(line_);
}

bool SseParser::take_field(std::string_view line) {
  const auto colon = line.find(':');
  if (colon == 0) return true;  // a comment
  auto value = colon == line.npos ? std::string_view() : line.substr(colon + 1);
  if (value.starts_with(' ')) value.remove_prefix(1);
  const auto name = line.substr(0, colon);
  if (name == "data") {
    if (data_.size() + value.size() > kMaxBytes) return false;
    if (std::exchange(has_data_, true)) data_ += '\n';
    data_ += value;
  } else if (name == "id") {
    if (value.find('\0') != value.npos) return true;
    has_id_ = true;
    id_ = value;
  } else if (name == "event") {
    type_ = value;
  } else if (name == "retry") {
    if (const auto delay = milliseconds_of(value)) retry_ = delay;
  }
  return true;
}

}  // namespace ordercast
