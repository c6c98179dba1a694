#include "hub/page.h"

#include <utility>

#include "base/footprint.h"

namespace ordercast::hub {
namespace {

// Of encoded_: a node of the tree has a colour and three pointers.
constexpr std::size_t kEntryBytes =
    allocated(sizeof(std::pair<const ViewPtr, FramesPtr>) + 4 * sizeof(void*));

std::size_t heap_of(const Position& position) {
  return ordercast::heap_of(position.seen.xip) +
         (position.in_batch ? ordercast::heap_of(position.in_batch->target.xip) : 0);
}

std::size_t bytes_of(const Batch& batch) {
  using ordercast::heap_of;
  std::size_t bytes = allocated_shared<Batch>() + hub::heap_of(batch.from) +
                      heap_of(batch.now.xip) + heap_of(batch.changes);
  for (const auto& change : batch.changes) {
    bytes += heap_of(change.stream) + heap_of(change.key) + heap_of(change.old_row) +
             heap_of(change.new_row) + heap_of(change.at);
    for (const auto* tenant : {&change.old_tenant, &change.new_tenant}) {
      if (*tenant) bytes += heap_of(**tenant);
    }
  }
  return bytes;
}

FramesPtr counted(View::Told told, const View& view) {
  const auto events = count_frames(told.text, view.format());
  return std::make_shared<const Frames>(told.text, events, std::move(told.whose));
}

}  // namespace

Page::Page(BatchPtr batch, Epoch epoch, std::atomic<std::size_t>& memory)
    : parsed_(std::move(batch)), epoch_(epoch), memory_(memory) {
  parsed_bytes_ = parsed_.bytes();
  account(allocated_shared<Page>() + bytes_of(this->batch()) + parsed_bytes_);
}

Page::~Page() {
  memory_ -= bytes_;
}

template <typename Encode>
FramesPtr Page::once(const ViewPtr& view, Encode encode) {
  // Encoding under the lock: whoever else wants these frames must wait for them anyway.
  MutexLock lock(mutex_);
  auto& frames = encoded_[view];
  if (!frames) {
    frames = counted(encode(), *view);
    const auto parsed = parsed_.bytes();
    account(kEntryBytes + frames->bytes() + parsed - parsed_bytes_);
    parsed_bytes_ = parsed;
  }
  return frames;
}

FramesPtr Page::frames(const ViewPtr& view) {
  return once(view, [&] { return view->encode(parsed_, epoch_, batch().from); });
}

FramesPtr Page::frames(const ViewPtr& view, std::span<const std::size_t> candidates) {
  return once(view, [&] { return view->encode(parsed_, epoch_, batch().from, candidates); });
}

FramesPtr Page::frames_for(const View& view, const Position& reader) const {
  return counted(view.encode(parsed_, epoch_, reader), view);
}

void Page::account(std::size_t bytes) {
  bytes_ += bytes;
  memory_ += bytes;
}

}  // namespace ordercast::hub
