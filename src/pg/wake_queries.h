// The listener's side of the wake-up (sql/0013_wake.sql, docs/decisions/0004-wake-up.md). Not
// thread-safe: a connection belongs to one thread at a time. libpqxx errors pass through.
#pragma once

#include <pqxx/pqxx>
#include <string_view>

#include "pg/wake_protocol.h"

namespace ordercast::pg {

// The channel that writers and nodes notify.
inline constexpr char kWakeChannel[] = "ordercast";
// The payload of a node that disarms. Writers send none.
inline constexpr std::string_view kDisarmed = "disarmed";

// Transactions can be prepared for two-phase commit here; but PostgreSQL prepares none that has
// notified.
[[nodiscard]] bool can_prepare_transactions(pqxx::connection& connection);

// Makes writers notify from now on, unless some that were told not to are still at it (kNone) or
// another node does it already (kOther). Until disarm() or the end of the session.
[[nodiscard]] Guard arm(pqxx::connection& connection);
// Lets writers off, and tells the other nodes that they are not woken any more.
void disarm(pqxx::connection& connection);

}  // namespace ordercast::pg
