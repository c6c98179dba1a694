// `ordercast cursor decode TEXT`: what the id of an event says, for people and for scripts.
#pragma once

#include <CLI/CLI.hpp>
#include <string>
#include <string_view>

#include "core/cursor.h"

namespace ordercast::app {

void add_cursor(CLI::App& app);

// Lines for people; the same as one JSON object. Ids of transactions are strings there, as all
// 64-bit numbers that rows hold are; `seq` is a number, as in the events.
[[nodiscard]] std::string describe(const Cursor& cursor);
[[nodiscard]] std::string describe_json(const Cursor& cursor);

// Throws std::invalid_argument that says what is wrong with a text that is no cursor.
[[nodiscard]] Cursor parse_cursor(std::string_view text);

}  // namespace ordercast::app
