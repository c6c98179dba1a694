#include "hub/bound.h"

#include <utility>

namespace ordercast::hub {

Bound::Bound(Position at, const Position& here)
    : at_(std::move(at)), told_(here), reached_(is_behind(here)) {}

bool Bound::is_behind(const Position& here) const {
  const auto& [seen, in_batch] = here;
  if (!at_.in_batch) return seen.contains(at_.seen);
  const auto& [target, seq] = *at_.in_batch;
  const bool further = in_batch && in_batch->target == target && in_batch->seq >= seq;
  return seen.contains(target) || (further && seen.contains(at_.seen));
}

void Bound::advance(const Batch& read, const Batch& told) {
  reached_ = read.reaches(at_);
  if (reached_) {
    told_ = at_;
  } else if (!told.changes.empty()) {
    told_ = told.end();
  }
}

void Bound::stand_at(const Position& here) {
  told_ = here;
  reached_ = is_behind(here);
}

}  // namespace ordercast::hub
