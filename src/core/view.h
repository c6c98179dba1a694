// What a subscriber sees of the log: a stream, a filter on its rows, the columns and the events
// that it asked for, of which time, and the form it wants them in (docs/protocol.md, "What a view
// sees"). Immutable, thread-safe; subscribers with equal views share one object, so that each page
// is encoded once for all of them.
//
// A change is told as the view sees it: an update that brings a row into the filter is an insert,
// one that takes it out is a delete with the row as it was, so that a view never shows a value of a
// row that is not its own. For a view of one tenant another's rows are outside it, whatever its
// filter says.
#pragma once

#include <cstddef>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "core/change_event.h"
#include "core/epoch.h"
#include "core/event_kinds.h"
#include "core/filter.h"
#include "core/frame_format.h"
#include "core/history_reader.h"
#include "core/parsed_batch.h"
#include "core/selection.h"
#include "core/tenant.h"
#include "core/time_window.h"
#include "core/whose.h"

namespace ordercast {

struct ViewSpec {
  std::string stream;
  Filter filter = {};
  Selection selection = {};
  EventKinds events = {};
  FrameFormat format = FrameFormat::kSse;
  TimeWindow window = {};
  std::optional<Tenant> tenant = std::nullopt;  // none: the rows of all

  // Equal for views that show the same, as long as the stream has the same columns.
  [[nodiscard]] std::string canonical() const;
};

class View {
 public:
  explicit View(ViewSpec spec) : spec_(std::move(spec)) {}
  // All of a stream.
  explicit View(std::string stream) : View(ViewSpec{.stream = std::move(stream)}) {}

  [[nodiscard]] const std::string& stream() const { return spec_.stream; }
  [[nodiscard]] const Filter& filter() const { return spec_.filter; }
  [[nodiscard]] FrameFormat format() const { return spec_.format; }
  [[nodiscard]] const std::optional<Tenant>& tenant() const { return spec_.tenant; }
  // Of each row all columns, and all rows.
  [[nodiscard]] bool whole() const {
    return spec_.filter.empty() && spec_.selection.all() && !spec_.tenant;
  }
  // For an index of views: see Filter.
  [[nodiscard]] std::vector<Filter::RequiredValue> needed_values() const;

  struct Told {
    std::string text;  // frames
    Whose whose = Whose::everybody();
  };
  // The frames of `page` for a reader that stands at `reader` and has had all that is in page.from:
  // what the reader has had already is left out, and each frame's id resumes right after it.
  [[nodiscard]] Told encode(const ParsedBatch& page, const Epoch& epoch,
                            const Position& reader) const;
  // The same, when no other changes can be for this view than these: ascending indexes into
  // page.changes() (core/view_index.h).
  [[nodiscard]] Told encode(const ParsedBatch& page, const Epoch& epoch, const Position& reader,
                            std::span<const std::size_t> candidates) const;

  // A row that was there before the stream began, if the view shows it. `events` does not limit
  // these: they are no changes.
  void append_row(Told& out, const SnapshotRow& row) const;

  // The reason (a word of core/reset.h) of the last change of `page` after which nothing is left of
  // what this view told `reader` before; empty when there is none.
  [[nodiscard]] std::string_view reset_in(const ParsedBatch& page, const Position& reader) const;
  [[nodiscard]] std::string_view reset_in(const ParsedBatch& page, const Position& reader,
                                          std::span<const std::size_t> candidates) const;

  // Why a change is told or is not.
  struct Explanation {
    std::optional<bool> old_row_matches;  // what the filter says; none where it cannot look
    std::optional<bool> new_row_matches;
    std::string_view event;   // its name; empty when it is not told
    std::string_view reason;  // a sentence
  };
  [[nodiscard]] Explanation explain(const Change& change) const;
  // Something of it can be told by this view or a narrower one: without, it might as well not be.
  [[nodiscard]] bool concerns(const Change& change) const;

 private:
  struct Judgement {
    std::optional<bool> old_row_matches = std::nullopt;
    std::optional<bool> new_row_matches = std::nullopt;
    std::optional<EventKind> kind = std::nullopt;  // none: it is not told
    std::string_view reason = {};
  };
  [[nodiscard]] Judgement judge(const ParsedChange& change) const;
  [[nodiscard]] Judgement judge_row(const ParsedChange& change) const;
  [[nodiscard]] Judgement judge_message(const Change& change) const;
  [[nodiscard]] bool shows(const Row& row) const;
  [[nodiscard]] bool is_reset_here(const ParsedChange& change) const;
  // Its rows may be the tenant's, and the log does not say.
  [[nodiscard]] bool is_unattributed(const ParsedChange& change) const;

  ViewSpec spec_;
};

using ViewPtr = std::shared_ptr<const View>;

}  // namespace ordercast
