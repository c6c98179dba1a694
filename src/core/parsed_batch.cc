#include "core/parsed_batch.h"

#include <algorithm>
#include <stdexcept>
#include <utility>

#include "base/footprint.h"

namespace ordercast {
namespace {

// Of a deque, as libstdc++ makes it: nodes of 512 bytes, and a table of them.
std::size_t deque_bytes(std::size_t elements, std::size_t element_bytes) {
  constexpr std::size_t kNodeBytes = 512;
  constexpr std::size_t kFewNodes = 8;
  const auto nodes = elements / (kNodeBytes / element_bytes) + 1;
  return nodes * allocated(kNodeBytes) + allocated(std::max(kFewNodes, nodes + 2) * sizeof(void*));
}

}  // namespace

const Row* ParsedChange::parse(Slot& slot, const std::string& text) const {
  std::call_once(slot.once, [&] {
    if (text.empty()) return;
    try {
      slot.row.emplace(text);
      if (bytes_) *bytes_ += heap_of(slot.row->members());
    } catch (const std::invalid_argument&) {
    }
  });
  return slot.row ? &*slot.row : nullptr;
}

bool ParsedChange::has_rows() const {
  switch (change_.op) {
    case Op::kInsert:
      return new_row() != nullptr;
    case Op::kUpdate:
      return old_row() != nullptr && new_row() != nullptr;
    case Op::kDelete:
      return old_row() != nullptr;
    default:
      return false;
  }
}

ParsedBatch::ParsedBatch(BatchPtr batch) : batch_(std::move(batch)) {
  for (const auto& change : batch_->changes) changes_.emplace_back(change, &bytes_);
  bytes_ = deque_bytes(changes_.size(), sizeof(ParsedChange));
}

}  // namespace ordercast
