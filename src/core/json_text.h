// JSON strings as PostgreSQL writes them. Pure functions.
#pragma once

#include <string>
#include <string_view>

namespace ordercast {

// What a JSON string says, `token` with its quotes. A view into the token where that says it, as
// most do, else into `scratch`. Never throws: a malformed escape stands for itself.
[[nodiscard]] std::string_view json_text(std::string_view token, std::string& scratch);

// The token that PostgreSQL writes for a text: it escapes no more than JSON asks for.
[[nodiscard]] std::string json_token(std::string_view text);

}  // namespace ordercast
