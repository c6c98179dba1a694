// The columns that a view shows: `select=id,total,state:status` (docs/protocol.md, "Columns").
// Immutable value, thread-safe.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "core/row.h"
#include "core/stream_info.h"

namespace ordercast {

class Selection {
 public:
  Selection() = default;  // all columns, in the row's own order
  // `*`, or columns with commas between them, each perhaps with a name of its own before it
  // (`name:column`); a column whose name has other characters than letters, digits and _ stands in
  // double quotes. Those of the key are added when they are missing. Only what the stream sends
  // can be named, and each column once: a large value must not be multiplied by a request. Throws
  // FilterError.
  [[nodiscard]] static Selection parse(std::string_view text, const StreamInfo& stream);

  // All columns that `stream` has, and no other that a row may have.
  [[nodiscard]] static Selection all_of(const StreamInfo& stream);

  [[nodiscard]] bool all() const { return items_.empty(); }
  // Equal for selections that show the same; empty for all.
  [[nodiscard]] std::string canonical() const;

  // These only where not all(). The text of each value is the row's; a column that the row does not
  // have, because it was written before there was one, is null.
  void append_row(std::string& out, const Row& row) const;
  // {"state":["paid","shipped"]}: what differs, by the names that it is shown under.
  void append_changed(std::string& out, const Row& before, const Row& after) const;
  [[nodiscard]] bool differs(const Row& before, const Row& after) const;

 private:
  struct Item {
    std::string name;  // what the client sees: a JSON string with its quotes
    std::string column;
  };
  std::vector<Item> items_;
};

}  // namespace ordercast
