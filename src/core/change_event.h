// A change as the SSE event that clients get (docs/protocol.md, "Events"). Pure functions.
#pragma once

#include <string>
#include <string_view>

#include "core/change.h"
#include "core/history_reader.h"

namespace ordercast {

// insert, update or delete with {"op","key","row","changed","at","seq"}, or reset (core/reset.h),
// or a message under its own name with {"op":"message","data","at","seq"}.
void append_change(std::string& out, const Change& change, std::string_view cursor);

// A row that was there before the stream began: an insert without id, marked "snapshot":true.
void append_snapshot_row(std::string& out, const SnapshotRow& row);

}  // namespace ordercast
