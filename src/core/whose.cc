#include "core/whose.h"

namespace ordercast {

void Whose::add(EventKind kind, const Change& change) {
  switch (kind) {
    case EventKind::kInsert:
      return add_row(change.new_tenant);
    case EventKind::kUpdate:
      add_row(change.old_tenant);
      return add_row(change.new_tenant);
    case EventKind::kDelete:
      return add_row(change.old_tenant);
    case EventKind::kMessage:
      if (change.new_tenant) add_row(change.new_tenant);
      return;
    case EventKind::kReset:
      return;
  }
}

void Whose::add_row(const std::optional<std::string>& tenant) {
  if (kind_ == Kind::kEverybody && tenant) {
    kind_ = Kind::kOne;
    tenant_ = *tenant;
  } else if (kind_ != Kind::kOne || tenant != tenant_) {
    kind_ = Kind::kSeveral;
  }
}

void Whose::add(const Whose& other) {
  if (other.kind_ == Kind::kOne) add_row(other.tenant_);
  if (other.kind_ == Kind::kSeveral) kind_ = Kind::kSeveral;
}

bool Whose::may_go_to(const std::optional<std::string>& tenant) const {
  return !tenant || kind_ == Kind::kEverybody || (kind_ == Kind::kOne && tenant_ == *tenant);
}

}  // namespace ordercast
