#include "load/sequence_check.h"

namespace ordercast::load {

Faults& Faults::operator+=(const Faults& other) {
  lost += other.lost;
  duplicated += other.duplicated;
  reordered += other.reordered;
  return *this;
}

SequenceCheck::Verdict SequenceCheck::take(std::uint64_t seq) {
  if (seq == next_ || next_ == 0) {
    next_ = seq + 1;
    return Verdict::kNew;
  }
  if (seq > next_) {
    missing_ += seq - next_;
    if (gaps_.size() < kMaxGaps) gaps_.push_back({next_, seq});
    next_ = seq + 1;
    return Verdict::kNew;
  }
  if (fill(seq)) {
    --missing_;
    ++reordered_;
    return Verdict::kLate;
  }
  ++duplicated_;
  return Verdict::kDuplicate;
}

bool SequenceCheck::fill(std::uint64_t seq) {
  for (auto gap = gaps_.begin(); gap != gaps_.end(); ++gap) {
    if (seq < gap->begin || seq >= gap->end) continue;
    const Gap behind{seq + 1, gap->end};
    gap->end = seq;
    if (gap->begin == gap->end) gaps_.erase(gap);
    if (behind.begin < behind.end) gaps_.push_back(behind);
    return true;
  }
  return false;
}

Faults SequenceCheck::faults(std::uint64_t last) const {
  const std::uint64_t unseen = next_ > 0 && last >= next_ ? last - next_ + 1 : 0;
  return {.lost = missing_ + unseen, .duplicated = duplicated_, .reordered = reordered_};
}

}  // namespace ordercast::load
