#include "hub/backlog.h"

#include <utility>

namespace ordercast::hub {

void Backlog::start(const Epoch& epoch, Position position) {
  begin_ = end();
  pages_.clear();
  epoch_ = epoch;
  head_ = std::move(position);
}

void Backlog::append(BatchPtr page) {
  // The head last: were it beyond a page that there was no memory for, its changes would be lost.
  auto head = page->end();
  const bool empty = page->changes.empty();
  if (!empty) pages_.push_back(std::make_shared<Page>(std::move(page), epoch_, memory_));
  head_ = std::move(head);
  if (empty) return;
  // Encodings that are made from now on count with the next page. The newest page stays, whatever
  // its size.
  while (memory_ > max_bytes_ && pages_.size() > 1) {
    pages_.pop_front();
    ++begin_;
  }
}

std::optional<std::uint64_t> Backlog::find(const Position& reader) const {
  if (reader == head_) return end();
  if (reader.in_batch) return find_in_batch(reader);
  // Pages go from older to newer snapshots: skip those that the reader has had whole.
  std::uint64_t ordinal = begin();
  while (ordinal < end() && reader.seen.contains(at(ordinal)->batch().now)) ++ordinal;
  if (ordinal > begin()) return ordinal;
  const Position& oldest = pages_.empty() ? head_ : pages_.front()->batch().from;
  const bool reaches_back = !oldest.in_batch && reader.seen.contains(oldest.seen);
  return reaches_back ? std::optional(ordinal) : std::nullopt;
}

std::optional<std::uint64_t> Backlog::find_in_batch(const Position& reader) const {
  for (std::uint64_t ordinal = begin(); ordinal < end(); ++ordinal) {
    const Batch& page = at(ordinal)->batch();
    if (page.now != reader.in_batch->target || page.from.seen != reader.seen) continue;
    const auto starts_after = page.from.in_batch ? page.from.in_batch->seq : 0;
    if (starts_after > reader.in_batch->seq) return std::nullopt;
    if (page.changes.back().seq > reader.in_batch->seq) return ordinal;
  }
  return std::nullopt;
}

bool Backlog::reaches(const Position& reader) const {
  return head_.seen.contains(reader.in_batch ? reader.in_batch->target : reader.seen);
}

}  // namespace ordercast::hub
