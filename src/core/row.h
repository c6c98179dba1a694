// A row as the log holds it, a JSON object, split into its columns once so that many views can look
// at it. Keeps views into the text, which outlives it. Immutable, thread-safe.
#pragma once

#include <optional>
#include <string_view>
#include <vector>

#include "core/json_members.h"

namespace ordercast {

class Row {
 public:
  // Throws std::invalid_argument when `object` is not a JSON object.
  explicit Row(std::string_view object) : members_(json_members(object)) {}

  // The value of a column as the JSON text that PostgreSQL wrote ("null" for NULL); nullopt when
  // the row has no such column.
  [[nodiscard]] std::optional<std::string_view> find(std::string_view column) const;
  // In the row's own order; names are JSON strings with their quotes.
  [[nodiscard]] const std::vector<JsonMember>& members() const { return members_; }

 private:
  std::vector<JsonMember> members_;
};

}  // namespace ordercast
