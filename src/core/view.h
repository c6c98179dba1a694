// What a subscriber sees of the log: today the changes of one stream. Immutable, thread-safe;
// subscribers with equal views share one object, so that each page is encoded once for all of them.
#pragma once

#include <memory>
#include <string>

#include "core/batch.h"
#include "core/epoch.h"

namespace ordercast {

class View {
 public:
  explicit View(std::string stream) : stream_(std::move(stream)) {}

  [[nodiscard]] const std::string& stream() const { return stream_; }

  // The SSE frames of `page` for a reader that stands at `reader` and has had all that is in
  // page.from: what the reader has had already is left out, and each frame's id resumes right after
  // it.
  [[nodiscard]] std::string encode(const Batch& page, const Epoch& epoch,
                                   const Position& reader) const;

  // The last change of `page` after which nothing is left of what this view told `reader` before;
  // null when there is none.
  [[nodiscard]] const Change* reset_in(const Batch& page, const Position& reader) const;

 private:
  [[nodiscard]] bool matches(const Change& change) const;

  std::string stream_;
};

using ViewPtr = std::shared_ptr<const View>;

}  // namespace ordercast
