#include "core/ndjson.h"

#include <fmt/format.h>

#include <iterator>

namespace ordercast::ndjson {
namespace {

constexpr std::string_view kLineBreaks = "\r\n";

// A `json` column keeps its line breaks. Inside a JSON string there is none, so each is white space
// of the document, and a space is as good.
void append_on_one_line(std::string& out, std::string_view json) {
  for (;;) {
    const auto end = json.find_first_of(kLineBreaks);
    out += json.substr(0, end);
    if (end == json.npos) return;
    out += ' ';
    json.remove_prefix(end + 1);
  }
}

}  // namespace

void append(std::string& out, const Event& event) {
  fmt::format_to(std::back_inserter(out), R"({{"event":"{}")", event.name);
  if (!event.id.empty()) fmt::format_to(std::back_inserter(out), R"(,"id":"{}")", event.id);
  const auto members = event.data.substr(1);
  if (members != "}") out += ',';
  append_on_one_line(out, members);
  out += '\n';
}

void append_retry(std::string& out, std::chrono::milliseconds delay) {
  fmt::format_to(std::back_inserter(out), "{{\"event\":\"retry\",\"ms\":{}}}\n", delay.count());
}

void append_id(std::string& out, std::string_view id) {
  append(out, {.id = id, .name = "heartbeat", .data = "{}"});
}

}  // namespace ordercast::ndjson
