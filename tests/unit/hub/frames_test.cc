#include "hub/frames.h"

#include <catch2/catch.hpp>

namespace ordercast::hub {
namespace {

TEST_CASE("Frames go to HTTP/1.1 as one chunk, to HTTP/1.0 as they are", "[frames]") {
  const Frames frames("data: 1\n\n");
  CHECK(frames.text() == "data: 1\n\n");
  CHECK(frames.wire(Framing::kChunked) == "9\r\ndata: 1\n\n\r\n");
  CHECK(frames.wire(Framing::kUntilClose) == "data: 1\n\n");
  CHECK(Frames(std::string(0x1a2b, 'x')).wire(Framing::kChunked).starts_with("1a2b\r\nxxx"));
}

TEST_CASE("No frames are nothing on the wire: an empty chunk would end the response", "[frames]") {
  const Frames none("");
  CHECK(none.empty());
  CHECK(none.wire(Framing::kChunked).empty());
  CHECK(none.wire(Framing::kUntilClose).empty());
}

}  // namespace
}  // namespace ordercast::hub
