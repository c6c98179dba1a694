// An event of a stream as a line: for people, or as JSON. Pure functions. Nothing of what they
// print can command a terminal, whoever wrote the row (core/terminal_text.h).
#pragma once

#include <string>
#include <string_view>

#include "core/sse_parser.h"

namespace ordercast::app {

// Escape sequences (ECMA-48, SGR), or nothing at all.
struct Palette {
  std::string_view come;    // a row that is there, or came
  std::string_view change;  // of a row
  std::string_view go;      // a row that went
  std::string_view notice;  // an application's message, a reset
  std::string_view dim;
  std::string_view plain;

  [[nodiscard]] static Palette colours();
};

// Whether to print colours on `fd`: it is a terminal that knows them, and its user has not said no
// (NO_COLOR, https://no-color.org).
[[nodiscard]] bool wants_colours(int fd);

// 16:02:59.116Z update  id=42  status=paid->shipped
[[nodiscard]] std::string line_for_people(const SseMessage& message, const Palette& palette);

// {"event":"update","id":"…", then the members of the data}; data that is no JSON object is a
// string, "data". Values are as the server has written them, and no digit is lost.
[[nodiscard]] std::string json_line(const SseMessage& message);

}  // namespace ordercast::app
