#include "core/sse.h"

#include <fmt/format.h>

#include <iterator>

namespace ordercast::sse {
namespace {

// One `data:` line a line: a bare CR ends a line for the client too, so text could otherwise forge
// fields.
void append_data(std::string& out, std::string_view data) {
  // Nearly all data is one line, and two searches for one character each are far faster than one
  // for two.
  if (data.find('\n') == data.npos && data.find('\r') == data.npos) {
    out.append("data: ").append(data) += '\n';
    return;
  }
  for (;;) {
    const auto end = data.find_first_of("\r\n");
    out += "data: ";
    out += data.substr(0, end);
    out += '\n';
    if (end == std::string_view::npos) return;
    const bool crlf = data.substr(end, 2) == "\r\n";
    data.remove_prefix(end + (crlf ? 2 : 1));
  }
}

}  // namespace

void append(std::string& out, const Event& event) {
  if (!event.id.empty()) fmt::format_to(std::back_inserter(out), "id: {}\n", event.id);
  fmt::format_to(std::back_inserter(out), "event: {}\n", event.name);
  append_data(out, event.data);
  out += '\n';
}

void append_retry(std::string& out, std::chrono::milliseconds delay) {
  fmt::format_to(std::back_inserter(out), "retry: {}\n\n", delay.count());
}

void append_id(std::string& out, std::string_view id) {
  fmt::format_to(std::back_inserter(out), "id: {}\n\n", id);
}

}  // namespace ordercast::sse
