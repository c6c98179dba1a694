#include "hub/heartbeat.h"

#include <memory>
#include <string>

namespace ordercast::hub {

Heartbeat::Heartbeat(const Cursor& cursor) {
  const auto id = cursor.encode();
  for (const auto format : {FrameFormat::kSse, FrameFormat::kSseHeartbeats, FrameFormat::kNdjson}) {
    std::string text;
    append_id(text, format, id);
    frames_.emplace(format, std::make_shared<const Frames>(text));
  }
}

}  // namespace ordercast::hub
