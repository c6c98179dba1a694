#include "core/parsed_batch.h"

#include <stdexcept>
#include <utility>

namespace ordercast {

const Row* ParsedChange::parse(Slot& slot, const std::string& text) const {
  std::call_once(slot.once, [&] {
    if (text.empty()) return;
    try {
      slot.row.emplace(text);
      if (bytes_) *bytes_ += slot.row->members().capacity() * sizeof(JsonMember);
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
}

}  // namespace ordercast
