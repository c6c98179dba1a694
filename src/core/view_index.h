// Finds the views that a page can hold something for, so that a change costs the views that it may
// match and not all that there are: a view whose filter demands a value of a column
// (merchant_id=eq.4) is looked up by that value. Confined to the thread that owns it.
#pragma once

#include <cstddef>
#include <functional>
#include <map>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <unordered_map>
#include <unordered_set>
#include <vector>

#include "core/parsed_batch.h"
#include "core/view.h"

namespace ordercast {

class ViewIndex {
 public:
  // Each view object once.
  void add(const ViewPtr& view);
  // Does nothing for a view that is not there.
  void remove(const ViewPtr& view);

  // Calls `visit` once for each view to which a change of `page` can be something, with the indexes
  // of these changes, ascending: what View::encode() takes. Whatever is left out would encode to
  // nothing. `visit` must not change the index.
  using Visitor = std::function<void(const ViewPtr&, std::span<const std::size_t>)>;
  void visit(const ParsedBatch& page, const Visitor& visit) const;

 private:
  struct TextHash {
    using is_transparent = void;  // NOLINT(readability-identifier-naming): std's name
    std::size_t operator()(std::string_view text) const {
      return std::hash<std::string_view>()(text);
    }
  };
  using Views = std::unordered_set<ViewPtr>;
  // JSON text of a value → the views that demand it.
  using ByValue = std::unordered_map<std::string, Views, TextHash, std::equal_to<>>;
  struct Stream {
    std::map<std::string, ByValue> by_column;
    Views demanding;  // all that are in by_column
    Views others;     // these have to look at every change
  };
  // Ascending indexes for each view that has some.
  using Found = std::unordered_map<ViewPtr, std::vector<std::size_t>>;

  [[nodiscard]] static std::optional<Filter::RequiredValue> demand_of(const View& view,
                                                                      const Stream& stream);
  static void look_up(const Stream& stream, const Row& row, std::size_t index, Found& found);

  std::unordered_map<std::string, Stream, TextHash, std::equal_to<>> streams_;
  // Under which demand a view was filed: what the best one is changes with the other views.
  std::unordered_map<ViewPtr, std::optional<Filter::RequiredValue>> filed_;
};

}  // namespace ordercast
