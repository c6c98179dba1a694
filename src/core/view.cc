#include "core/view.h"

#include <algorithm>

#include "core/change_event.h"
#include "core/cursor.h"

namespace ordercast {

std::string View::encode(const Batch& page, const Epoch& epoch, const Position& reader) const {
  std::vector<const Change*> wanted;
  for (const auto& change : page.changes) {
    if (matches(change) && !reader.has(change)) wanted.push_back(&change);
  }
  std::string frames;
  for (const auto* change : wanted) {
    // After the last one for this view the reader has had the whole batch: the id is the short one.
    const bool last_of_batch = page.complete && change == wanted.back();
    const Position after = last_of_batch
                               ? Position{page.now, std::nullopt}
                               : Position{reader.seen, Position::InBatch{page.now, change->seq}};
    append_change(frames, *change, Cursor{epoch, after}.encode());
  }
  return frames;
}

const Change* View::reset_in(const Batch& page, const Position& reader) const {
  const auto last =
      std::find_if(page.changes.rbegin(), page.changes.rend(), [&](const auto& change) {
        return is_reset(change.op) && matches(change) && !reader.has(change);
      });
  return last == page.changes.rend() ? nullptr : &*last;
}

bool View::matches(const Change& change) const {
  return change.op != Op::kCatalog && change.stream == stream_;
}

}  // namespace ordercast
