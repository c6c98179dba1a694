#include "core/ndjson.h"

#include <fmt/format.h>

#include <algorithm>
#include <iterator>

namespace ordercast::ndjson {
namespace {

// A `json` column keeps its line breaks. Inside a JSON string there is none, so each is white space
// of the document, and a space is as good.
void append_on_one_line(std::string& out, std::string_view json) {
  const auto begin = out.size();
  out += json;
  for (const char line_break : {'\r', '\n'}) {
    // Searched first: nearly all data has none, and searching is far faster than replacing.
    const auto first = out.find(line_break, begin);
    if (first != out.npos)
      std::replace(out.begin() + static_cast<long>(first), out.end(), line_break, ' ');
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

}  // namespace ordercast::ndjson
