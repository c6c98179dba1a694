#include "hub/bookmark.h"

#include <utility>

namespace ordercast::hub {

void Bookmark::move_to(Position position, Source source) {
  position_ = std::move(position);
  ordinal_.reset();
  aligned_ = false;
  verified_ = source == Source::kVerified;
}

void Bookmark::read_to(Position end) {
  position_ = std::move(end);
  verified_ = true;
}

bool Bookmark::join(const Backlog& backlog) {
  if (ordinal_ && *ordinal_ < backlog.begin()) {
    ordinal_.reset();
    aligned_ = false;
  }
  if (!ordinal_ && (verified_ || backlog.reaches(position_))) ordinal_ = backlog.find(position_);
  return ordinal_.has_value();
}

PagePtr Bookmark::next_page(const Backlog& backlog) {
  return *ordinal_ < backlog.end() ? backlog.at((*ordinal_)++) : nullptr;
}

bool Bookmark::catch_up(const Backlog& backlog) {
  if (!backlog.reaches(position_)) return false;
  position_ = backlog.head();
  aligned_ = true;
  return true;
}

void Bookmark::come_back(Place place) {
  ordinal_ = place.ordinal;
  position_ = std::move(place.position);
}

bool Bookmark::has_had(const Batch& batch) {
  if (aligned_) return false;
  // Its batch ended with an empty page, which the backlog does not keep.
  if (position_.in_batch && position_.in_batch->target != batch.now) {
    position_ = {position_.in_batch->target, std::nullopt};
  }
  return !position_.in_batch && position_.seen.contains(batch.now);
}

FramesPtr Bookmark::take(Page& page, const ViewPtr& view) {
  const Batch& batch = page.batch();
  if (aligned_ || position_ == batch.from) {
    aligned_ = true;
    position_ = batch.end();
    return page.frames(view);
  }
  auto frames = page.frames_for(*view, position_);
  position_ = batch.end_for(position_);
  aligned_ = position_ == batch.end();
  return frames;
}

}  // namespace ordercast::hub
