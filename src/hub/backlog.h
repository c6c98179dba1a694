// The recent pages of the log in memory, bounded in bytes: the oldest go first. Pages have ordinals
// that count up for ever. Not thread-safe: the hub guards it.
#pragma once

#include <atomic>
#include <cstdint>
#include <deque>
#include <optional>

#include "hub/page.h"

namespace ordercast::hub {

class Backlog {
 public:
  explicit Backlog(std::size_t max_bytes) : max_bytes_(max_bytes) {}

  // Forgets all pages: the history after `position` is another one.
  void start(const Epoch& epoch, Position position);
  // page->from must be head(). Of an empty page only the position is kept. Nothing has changed when
  // it throws.
  void append(BatchPtr page);

  // Where the log's reader stands: the end of the last page.
  [[nodiscard]] const Position& head() const { return head_; }
  [[nodiscard]] const Epoch& epoch() const { return epoch_; }

  // Ordinals of the pages held: [begin, end).
  [[nodiscard]] std::uint64_t begin() const { return begin_; }
  [[nodiscard]] std::uint64_t end() const { return begin_ + pages_.size(); }
  [[nodiscard]] const PagePtr& at(std::uint64_t ordinal) const { return pages_[ordinal - begin_]; }

  // The first page that a reader at `reader` needs, end() when it has had them all; nullopt when
  // the pages do not reach back far enough, or the reader stands inside a batch that is not here.
  [[nodiscard]] std::optional<std::uint64_t> find(const Position& reader) const;
  // The reader is not ahead of what was read here.
  [[nodiscard]] bool reaches(const Position& reader) const;

  // Bytes of the pages that live, also of those that only a slow subscriber still holds.
  [[nodiscard]] std::size_t bytes() const { return memory_; }

 private:
  [[nodiscard]] std::optional<std::uint64_t> find_in_batch(const Position& reader) const;

  const std::size_t max_bytes_;
  std::atomic<std::size_t> memory_ = 0;  // before pages_, which count themselves out of it
  Epoch epoch_;
  Position head_;
  std::uint64_t begin_ = 0;
  std::deque<PagePtr> pages_;
};

}  // namespace ordercast::hub
