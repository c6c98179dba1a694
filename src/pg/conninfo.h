// Connection strings of libpq, in both their forms: "host=… dbname=…" and "postgresql://…"
// (PostgreSQL documentation, 34.1.1 Connection Strings). Free functions; thread-safe.
#pragma once

#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace ordercast::pg {

// Adds parameters in front of those that `conninfo` sets itself, which win: libpq takes the last
// one. The values are ours and plain: no blanks, quotes or percent signs.
[[nodiscard]] std::string with_defaults(
    std::string_view conninfo, const std::vector<std::pair<std::string, std::string>>& defaults);

// libpq's message about a failed connection without anything that may come from a password: a
// string that libpq cannot parse is quoted in its error, and a password with a bare '@' turns up as
// part of a host name.
[[nodiscard]] std::string safe_error(std::string_view libpq_message);

}  // namespace ordercast::pg
