// What a client is told at once, before it has the form that the client asked for
// (core/frame_format.h). Views into the caller's text.
#pragma once

#include <string_view>

namespace ordercast {

struct Event {
  std::string_view id;    // a cursor or empty (no id); no line break, no NUL
  std::string_view name;  // one of our own event names or an application's; no line break
  std::string_view data;  // a JSON object
};

}  // namespace ordercast
