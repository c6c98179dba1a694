// Checks of the server and of the way to it (checkup.h).
#pragma once

#include "pg/checkup.h"
#include "pg/log_reader.h"

namespace ordercast::pg {

// The version; what connect() refuses was found before.
[[nodiscard]] Findings check_server(const Patient& patient);

// Whether others on the way can read all orders.
[[nodiscard]] Findings check_transport(const Patient& patient);

// Whether something between here and the server hands a session from one client to the next.
// LISTEN, the lock that makes writers notify, and prepared statements then belong to nobody: a node
// that sleeps is not woken. Told by two sessions of which each is the other's, or by one that
// changes; a pooler that gives each client a session of its own to the end shows by its process
// number only.
[[nodiscard]] Findings check_pooler(const Patient& patient);

// Whether a node's connections find room: in the role's limit, the database's and the server's.
[[nodiscard]] Findings check_connections(const Patient& patient);

[[nodiscard]] Findings check_clock(const Patient& patient);

// What a node opens at most, whatever its load: one to follow the log, some to read history,
// one to write.
inline constexpr int kConnectionsOfNode = 1 + static_cast<int>(LogReader::kConnections) + 1;

}  // namespace ordercast::pg
