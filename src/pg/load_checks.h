// Checks of what goes on in the database: waking, NOTIFY queue, transactions, the log's size
// (checkup.h).
#pragma once

#include "pg/checkup.h"

namespace ordercast::pg {

// How commits wake nodes here (docs/decisions/0004-wake-up.md), and whether one sleeps now.
[[nodiscard]] Findings check_wake(const Patient& patient);

[[nodiscard]] Findings check_notify_queue(const Patient& patient);

// The one that has been open longest, prepared ones included.
[[nodiscard]] Findings check_transactions(const Patient& patient);

// What is kept of the log, and whether more is there.
[[nodiscard]] Findings check_retention(const Patient& patient);

}  // namespace ordercast::pg
