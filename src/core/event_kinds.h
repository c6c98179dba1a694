// Which events a view tells of: `events=insert,delete` (docs/protocol.md, "What a view sees").
// Immutable value.
#pragma once

#include <string>
#include <string_view>
#include <vector>

namespace ordercast {

class EventKinds {
 public:
  EventKinds() = default;  // all
  // insert, update, delete and names of an application's own events, with commas between them.
  // Throws FilterError: also for what is sent always, such as reset.
  [[nodiscard]] static EventKinds parse(std::string_view text);

  [[nodiscard]] bool all() const { return names_.empty(); }
  [[nodiscard]] bool has(std::string_view name) const;
  // Equal for equal sets; empty for all.
  [[nodiscard]] std::string canonical() const;

 private:
  std::vector<std::string> names_;  // ascending
};

}  // namespace ordercast
