// Counts what is read of a log in memory. Thread-safe.
#pragma once

#include <atomic>

#include "support/memory_log.h"

namespace ordercast::testing {

struct CountedReader : HistoryReader {
  explicit CountedReader(MemoryLog& its_log) : log(its_log) {}
  Batch read_after(const Epoch& epoch, const Position& from) override {
    ++reads;
    return log.read_after(epoch, from);
  }
  Batch read_earliest(const Epoch& epoch) override { return log.read_earliest(epoch); }
  Position read_head(const Epoch& epoch) override { return log.read_head(epoch); }
  std::optional<Change> find_change(const Epoch& epoch, std::int64_t seq) override {
    return log.find_change(epoch, seq);
  }
  Position read_rows(const Epoch& epoch, const RowQuery& query,
                     const std::function<bool(std::vector<SnapshotRow>)>& page) override {
    ++row_reads;
    return log.read_rows(epoch, query, page);
  }

  MemoryLog& log;
  std::atomic<int> reads = 0;      // of pages
  std::atomic<int> row_reads = 0;  // of present rows
};

}  // namespace ordercast::testing
