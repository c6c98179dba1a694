// The rows that a subscriber sends at its beginning.
#pragma once

#include <map>
#include <nlohmann/json.hpp>
#include <string>
#include <string_view>

#include "hub/subscriber.h"
#include "support/event_stream.h"

namespace ordercast::testing {

// Key to row, of the frames of present rows; members sorted.
inline std::map<std::string, std::string> rows_in(std::string_view frames) {
  std::map<std::string, std::string> rows;
  for (const auto& event : EventStream(frames).events) {
    const auto data = nlohmann::json::parse(event.data);
    rows.emplace(data.at("key").dump(), data.at("row").dump());
  }
  return rows;
}

// A client that is there, and takes all into `text`.
inline hub::RowSink sink_into(std::string& text) {
  return {.send = [&text](const hub::Frames& frames,
                          bool /*within*/) { return text += frames.text(), true; },
          .gone = [] { return false; }};
}

}  // namespace ordercast::testing
