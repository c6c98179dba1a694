// base64url without padding (RFC 4648, section 5). Pure functions.
#pragma once

#include <optional>
#include <string>
#include <string_view>

namespace ordercast {

[[nodiscard]] std::string base64url_encode(std::string_view bytes);

// nullopt for other characters, an impossible length, or stray bits at the end (one value, one
// text).
[[nodiscard]] std::optional<std::string> base64url_decode(std::string_view text);

}  // namespace ordercast
