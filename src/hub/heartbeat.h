// What keeps a silent stream alive: a frame with nothing but the id of where all stand, in each
// form that a view can have. Immutable, thread-safe.
#pragma once

#include <map>

#include "core/cursor.h"
#include "core/frame_format.h"
#include "hub/frames.h"

namespace ordercast::hub {

class Heartbeat {
 public:
  explicit Heartbeat(const Cursor& cursor);
  [[nodiscard]] const FramesPtr& in(FrameFormat format) const { return frames_.at(format); }

 private:
  std::map<FrameFormat, FramesPtr> frames_;
};

}  // namespace ordercast::hub
