// A page of the backlog with its encodings, one per view. Thread-safe; shared by the backlog and
// the subscribers that are sending it.
#pragma once

#include <atomic>
#include <map>
#include <memory>
#include <span>
#include <string>

#include "base/mutex.h"
#include "core/parsed_batch.h"
#include "core/view.h"
#include "hub/frames.h"

namespace ordercast::hub {

class Page {
 public:
  // `memory` counts the bytes of all living pages; it outlives them.
  Page(BatchPtr batch, Epoch epoch, std::atomic<std::size_t>& memory);
  ~Page();
  Page(const Page&) = delete;
  Page& operator=(const Page&) = delete;

  [[nodiscard]] const Batch& batch() const { return parsed_.batch(); }
  [[nodiscard]] const ParsedBatch& parsed() const { return parsed_; }
  // All that it takes: its rows, what was made of them so far, and the bookkeeping.
  [[nodiscard]] std::size_t bytes() const { return bytes_; }
  // The frames for a reader that stands at batch().from; encoded by the first who asks.
  [[nodiscard]] FramesPtr frames(const ViewPtr& view) EXCLUDES(mutex_);
  // The same, by one who knows from the index which changes they can be (core/view_index.h).
  [[nodiscard]] FramesPtr frames(const ViewPtr& view, std::span<const std::size_t> candidates)
      EXCLUDES(mutex_);
  // The same for a reader that stands elsewhere: encoded for it alone.
  [[nodiscard]] FramesPtr frames_for(const View& view, const Position& reader) const;

 private:
  // What `encode` returns, unless it is there already.
  template <typename Encode>
  [[nodiscard]] FramesPtr once(const ViewPtr& view, Encode encode) EXCLUDES(mutex_);
  void account(std::size_t bytes);

  const ParsedBatch parsed_;
  const Epoch epoch_;
  std::atomic<std::size_t>& memory_;
  std::atomic<std::size_t> bytes_ = 0;
  Mutex mutex_;
  std::map<ViewPtr, FramesPtr> encoded_ GUARDED_BY(mutex_);
  std::size_t parsed_bytes_ GUARDED_BY(mutex_) = 0;  // of parsed_.bytes(), what was accounted
};

using PagePtr = std::shared_ptr<Page>;

}  // namespace ordercast::hub
