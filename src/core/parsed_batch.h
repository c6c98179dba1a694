// A page with the rows of its changes split into columns, each at most once, when a view first asks
// for it: the views of a page share the work. Immutable as callers see it, thread-safe.
#pragma once

#include <atomic>
#include <cstddef>
#include <deque>
#include <mutex>
#include <optional>

#include "core/batch.h"
#include "core/row.h"

namespace ordercast {

class ParsedChange {
 public:
  // Both outlive it. `bytes` counts what the split rows take.
  explicit ParsedChange(const Change& change, std::atomic<std::size_t>* bytes = nullptr)
      : change_(change), bytes_(bytes) {}

  [[nodiscard]] const Change& change() const { return change_; }
  // Null where there is no such row, where it was too large to be read, and where it is not a row:
  // no bad one may end a thread that serves many.
  [[nodiscard]] const Row* old_row() const { return parse(old_, change_.old_row); }
  [[nodiscard]] const Row* new_row() const { return parse(new_, change_.new_row); }
  // All the rows that such a change has are there: what a filter needs to judge it.
  [[nodiscard]] bool has_rows() const;

 private:
  struct Slot {
    std::once_flag once;
    std::optional<Row> row;
  };
  const Row* parse(Slot& slot, const std::string& text) const;

  const Change& change_;
  std::atomic<std::size_t>* bytes_;
  mutable Slot old_;
  mutable Slot new_;
};

class ParsedBatch {
 public:
  explicit ParsedBatch(BatchPtr batch);

  [[nodiscard]] const Batch& batch() const { return *batch_; }
  // One for each of batch().changes.
  [[nodiscard]] const std::deque<ParsedChange>& changes() const { return changes_; }
  // What it takes besides the batch: with the rows that are split by now.
  [[nodiscard]] std::size_t bytes() const { return bytes_; }

 private:
  const BatchPtr batch_;
  std::atomic<std::size_t> bytes_ = 0;
  std::deque<ParsedChange> changes_;
};

}  // namespace ordercast
