// Reads which tokens are void (sql/0014_revocations.sql). Not thread-safe: a connection belongs to
// one thread at a time. libpqxx errors pass through.
#pragma once

#include <pqxx/pqxx>

#include "core/revocations.h"

namespace ordercast::pg {

// Notified whenever they change.
inline constexpr char kRevocationChannel[] = "ordercast_revoked";

[[nodiscard]] RevocationsPtr read_revocations(pqxx::connection& connection);

}  // namespace ordercast::pg
