#include "core/whole_frames.h"

namespace ordercast {

std::size_t whole_frames(std::string_view text, FrameFormat format) {
  // An object ends with its line; an event with an empty one, which no field of it can be.
  const std::string_view end = format == FrameFormat::kNdjson ? "\n" : "\n\n";
  const auto at = text.rfind(end);
  return at == text.npos ? 0 : at + end.size();
}

}  // namespace ordercast
