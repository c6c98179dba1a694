// Where frames end in a text that was cut anywhere. Pure.
#pragma once

#include <cstddef>
#include <string_view>

#include "core/frame_format.h"

namespace ordercast {

// How many bytes of `text`, which may end inside of a frame, are whole ones.
[[nodiscard]] std::size_t whole_frames(std::string_view text, FrameFormat format);

}  // namespace ordercast
