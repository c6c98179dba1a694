// Whose rows are in something that is sent, by what the log's own columns say of them and not by
// their JSON, which the views look at. Made where a frame is made, held against the tenant of the
// connection where it is written: the second of two checks that know nothing of each other
// (docs/decisions/0007-tenants.md). A value.
#pragma once

#include <optional>
#include <string>

#include "core/change.h"
#include "core/change_event.h"

namespace ordercast {

class Whose {
 public:
  // It shows no row: heartbeats, resets, messages to all.
  [[nodiscard]] static Whose everybody() { return {}; }

  // What such an event tells of the change.
  void add(EventKind kind, const Change& change);
  // A row; without a tenant it is nobody's, and only for who may see all.
  void add_row(const std::optional<std::string>& tenant);
  void add(const Whose& other);

  // `tenant`: of a connection; without, it may see all.
  [[nodiscard]] bool may_go_to(const std::optional<std::string>& tenant) const;

 private:
  Whose() = default;

  enum class Kind {
    kEverybody,
    kOne,
    kSeveral  // or of nobody that is known
  };
  Kind kind_ = Kind::kEverybody;
  std::string tenant_;  // kOne
};

}  // namespace ordercast
