#include "load/sse_scanner.h"

#include <utility>

namespace ordercast::load {

void SseScanner::restart() {
  auto id = std::move(last_event_id_);
  *this = {};
  last_event_id_ = std::move(id);
}

void SseScanner::take_field(std::string_view line) {
  const auto colon = line.find(':');
  if (colon == 0) return;  // a comment
  auto value = colon == line.npos ? std::string_view() : line.substr(colon + 1);
  if (value.starts_with(' ')) value.remove_prefix(1);
  const auto name = line.substr(0, colon);
  if (name == "data") {
    has_data_ = true;
    if (!stamp_) stamp_ = Stamp::find(value);
  } else if (name == "id") {
    if (value.find('\0') != value.npos) return;
    has_id_ = true;
    id_ = value;
  } else if (name == "event") {
    name_ = value;
  }
}

}  // namespace ordercast::load
