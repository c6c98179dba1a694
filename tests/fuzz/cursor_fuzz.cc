// Whatever a client sends as its Last-Event-ID: decode() refuses it or gives the cursor of which it
// is the one and only text.
#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <string>
#include <string_view>

#include "core/base64url.h"
#include "core/cursor.h"

namespace {

void require_refused_or_canonical(std::string_view text) {
  const auto cursor = ordercast::Cursor::decode(text);
  if (!cursor) return;
  const auto& [seen, in_batch] = cursor->position;
  const bool valid = seen.valid() && (!in_batch || in_batch->target.valid());
  if (!valid || cursor->encode() != text) std::abort();
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string_view input(reinterpret_cast<const char*>(data), size);
  require_refused_or_canonical(input);
  // Without having to find base64url first.
  require_refused_or_canonical(ordercast::Cursor::kVersion + ordercast::base64url_encode(input));
  return 0;
}
