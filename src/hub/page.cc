#include "hub/page.h"

#include <utility>

namespace ordercast::hub {
namespace {

std::size_t bytes_of(const Batch& batch) {
  std::size_t bytes = sizeof(Batch);
  for (const auto& change : batch.changes) {
    bytes += sizeof(Change) + change.stream.size() + change.key.size() + change.old_row.size() +
             change.new_row.size() + change.at.size();
    for (const auto* tenant : {&change.old_tenant, &change.new_tenant}) {
      if (*tenant) bytes += (*tenant)->size();
    }
  }
  return bytes;
}

FramesPtr frames_of(View::Told told) {
  return std::make_shared<const Frames>(told.text, std::move(told.whose));
}

}  // namespace

Page::Page(BatchPtr batch, Epoch epoch, std::atomic<std::size_t>& memory)
    : parsed_(std::move(batch)), epoch_(epoch), memory_(memory) {
  account(bytes_of(this->batch()));
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
    frames = frames_of(encode());
    const auto parsed = parsed_.bytes();
    account(frames->wire(Framing::kChunked).size() + parsed - parsed_bytes_);
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
  return frames_of(view.encode(parsed_, epoch_, reader));
}

void Page::account(std::size_t bytes) {
  bytes_ += bytes;
  memory_ += bytes;
}

}  // namespace ordercast::hub
