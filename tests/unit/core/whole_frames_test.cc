#include "core/whole_frames.h"

#include <catch2/catch.hpp>
#include <string>

namespace ordercast {
namespace {

TEST_CASE("Of text that ends inside of a frame it is known how much is whole frames",
          "[whole_frames]") {
  const auto format = GENERATE(FrameFormat::kSse, FrameFormat::kNdjson);
  std::string first;
  append_event(first, format, {"7", "insert", "{\"a\":\n1}"});
  std::string both = first;
  append_event(both, format, {"8", "update", "{}"});
  for (std::size_t size = 0; size <= both.size(); ++size) {
    const std::size_t whole = size < first.size() ? 0 : size < both.size() ? first.size() : size;
    CHECK(whole_frames(std::string_view(both).substr(0, size), format) == whole);
  }
}

}  // namespace
}  // namespace ordercast
