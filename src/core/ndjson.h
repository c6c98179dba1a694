// Newline-delimited JSON (application/x-ndjson): each event is one line, an object that begins with
// "event" and, where there is one, "id"; the members of the data follow. Pure functions that append
// to a buffer.
#pragma once

#include <chrono>
#include <string>
#include <string_view>

#include "core/event.h"

namespace ordercast::ndjson {

void append(std::string& out, const Event& event);

// {"event":"retry","ms":2731}: how long the client waits before it connects again.
void append_retry(std::string& out, std::chrono::milliseconds delay);

}  // namespace ordercast::ndjson
