// Where a stream that ends (`until`) has its end, and how much of the way there its client was
// told: what is read can go beyond. Not thread-safe: it is its subscriber's.
#pragma once

#include "core/batch.h"
#include "core/position.h"

namespace ordercast::hub {

class Bound {
 public:
  // Of a reader that stands `here`.
  Bound(Position at, const Position& here);

  [[nodiscard]] const Position& at() const { return at_; }
  // All up to there was told.
  [[nodiscard]] bool reached() const { return reached_; }
  // Where the client stands.
  [[nodiscard]] const Position& told() const { return told_; }

  // The reader has read `read`; `told` is what of it leads to the bound.
  void advance(const Batch& read, const Batch& told);
  // It goes on from here, by another way than by reading.
  void stand_at(const Position& here);

 private:
  [[nodiscard]] bool is_behind(const Position& here) const;

  Position at_;
  Position told_;
  bool reached_;
};

}  // namespace ordercast::hub
