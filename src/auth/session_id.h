// What a token is known by once it was verified: enough to find again what it opened, and nothing
// that opens anything. Pure, thread-safe.
#pragma once

#include <string>
#include <string_view>

namespace ordercast::auth {

// The SHA-256 of the token's text, 32 bytes. Throws std::bad_alloc.
[[nodiscard]] std::string session_id(std::string_view token);

}  // namespace ordercast::auth
