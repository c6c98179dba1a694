// Where a reader of the log stands: its position, and the page of the backlog that comes next for
// it, as far as the backlog reaches back to it. Confined to the reader's thread; where a backlog is
// given, its lock is held.
#pragma once

#include <cstdint>
#include <optional>
#include <utility>

#include "core/position.h"
#include "core/view.h"
#include "hub/backlog.h"
#include "hub/frames.h"
#include "hub/page.h"
#include "hub/seat.h"

namespace ordercast::hub {

class Bookmark {
 public:
  explicit Bookmark(Position position) : position_(std::move(position)) {}

  [[nodiscard]] const Position& position() const { return position_; }

  // Somewhere else. kVerified: PostgreSQL itself gave us this position, so that it is real, though
  // it may be ahead of the backlog.
  enum class Source { kClient, kVerified };
  void move_to(Position position, Source source);
  // Right behind what was read from the log.
  void read_to(Position end);

  // True when it stands at a page of the backlog, or at its end: then next_page() says which.
  [[nodiscard]] bool join(const Backlog& backlog);
  // Is behind it from then on; null at the end.
  [[nodiscard]] PagePtr next_page(const Backlog& backlog);
  // At the end of the backlog: true, and at its head, unless the reader is ahead of it.
  [[nodiscard]] bool catch_up(const Backlog& backlog);

  // As whoever reads on for it knows the place, and where that one has left it.
  [[nodiscard]] Place place() const { return {*ordinal_, position_}; }
  void come_back(Place place);

  // All of a page that next_page() gave was had before.
  [[nodiscard]] bool has_had(const Batch& batch);
  // Its frames for the view, shared where the reader stands at its very beginning; behind it then.
  [[nodiscard]] FramesPtr take(Page& page, const ViewPtr& view);

 private:
  Position position_;
  // The next page to take; none while the backlog does not reach back to the reader.
  std::optional<std::uint64_t> ordinal_;
  // Stands exactly at the end of the page before: the shared frames are the right ones.
  bool aligned_ = false;
  bool verified_ = false;
};

}  // namespace ordercast::hub
