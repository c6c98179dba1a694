#include "rig/payload.h"

#include <fmt/format.h>

namespace ordercast::bench {

std::string note(const load::Stamp& stamp) {
  constexpr std::size_t kNoteBytes = 80;
  auto text = stamp.text() + " leave it at the back door, the bell is out of order, thanks";
  text.resize(kNoteBytes, '.');
  return text;
}

std::string row_json(const load::Stamp& stamp) {
  return fmt::format(
      R"({{"id":"{}","merchant_id":7,"status":"paid","total":"102.40","note":"{}"}})", stamp.seq,
      note(stamp));
}

std::string event_data(const load::Stamp& stamp) {
  return fmt::format(
      R"({{"op":"insert","key":{{"id":"{}"}},"row":{},"at":"2026-11-23T18:22:43.020533Z","seq":{}}})",
      stamp.seq, row_json(stamp), stamp.seq);
}

}  // namespace ordercast::bench
