// A change as the event that clients get (docs/protocol.md, "Frames"). Pure functions.
#pragma once

#include <string>
#include <string_view>

#include "core/frame_format.h"
#include "core/history_reader.h"
#include "core/parsed_batch.h"
#include "core/selection.h"

namespace ordercast {

// What a change is to a view (core/view.h), whatever it was in the database.
enum class EventKind { kInsert, kUpdate, kDelete, kReset, kMessage };

// What happened in the database.
[[nodiscard]] std::string_view op_name(Op op);

// Its name: for a message, the one that the application gave it. Valid as long as `change`.
[[nodiscard]] std::string_view event_name(EventKind kind, const Change& change);

// {"op","key","row","changed","at","seq"}: "op" is the database's; a delete has the old row, any
// other the new one; "changed" is for updates. kReset: see core/reset.h. kMessage:
// {"op":"message","data","at","seq"}.
void append_change(std::string& out, FrameFormat format, EventKind kind, const ParsedChange& change,
                   const Selection& selection, std::string_view cursor);

// The reason of a reset that a change is: its own, that its rows were too large for a view to look
// at, or that the log does not say whose they are.
[[nodiscard]] std::string_view reset_reason(const ParsedChange& change);

// A row that was there before the stream began: an insert without id, marked "snapshot":true.
void append_snapshot_row(std::string& out, FrameFormat format, const SnapshotRow& row,
                         const Selection& selection);

}  // namespace ordercast
