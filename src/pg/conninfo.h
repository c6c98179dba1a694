// Connection strings of libpq, in both their forms: "host=… dbname=…" and "postgresql://…"
// (PostgreSQL documentation, 34.1.1 Connection Strings). Free functions; thread-safe.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace ordercast::pg {

// Adds parameters in front of those that `conninfo` sets itself, which win: libpq takes the last
// one. The values are ours and plain: no blanks, quotes or percent signs.
[[nodiscard]] std::string with_defaults(
    std::string_view conninfo, const std::vector<std::pair<std::string, std::string>>& defaults);

// The first host that a connection string leads to over a network without being made sure of:
// neither a socket, nor an address of this machine, nor with sslmode=verify-full. What the string
// leaves out, libpq takes from the environment. None: there is no such host, or libpq does not
// understand the string.
[[nodiscard]] std::optional<std::string> insecure_host(const std::string& conninfo);

// The string for people and logs, as "name=value …" and with "***" for what libpq takes for a secret
// (password, sslpassword). Of one that libpq does not understand, or in which a password may have
// come to stand elsewhere because it was not encoded, nothing is shown but a remark that says so.
[[nodiscard]] std::string without_secrets(const std::string& conninfo);

// libpq's message about a failed connection without anything that may come from a password: a
// string that libpq cannot parse is quoted in its error, and a password with a bare '@' turns up as
// part of a host name.
[[nodiscard]] std::string safe_error(std::string_view libpq_message);

}  // namespace ordercast::pg
