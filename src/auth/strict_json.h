// JSON as a token or a key file may hold it: valid UTF-8, no name twice in an object (each reader
// would choose another one of the two), no deeper than kMostDepth. Pure.
#pragma once

#include <nlohmann/json.hpp>
#include <optional>
#include <string_view>

namespace ordercast::auth {

// A token's payload is an object that holds an object that holds lists; claims of others may be
// deeper.
inline constexpr int kMostDepth = 16;

// nullopt for anything else.
[[nodiscard]] std::optional<nlohmann::json> parse_strictly(std::string_view text);

// The member of that name when it is a string.
[[nodiscard]] std::optional<std::string> string_member(const nlohmann::json& object,
                                                       const char* name);

}  // namespace ordercast::auth
