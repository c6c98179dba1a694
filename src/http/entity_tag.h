// Entity tags (RFC 9110 section 8.8.3) and the precondition that names them. Pure functions.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace ordercast::http {

// "\"tag\"": a strong one. The tag holds no quotes.
[[nodiscard]] std::string entity_tag(std::string_view tag);

// What an If-Match header asks for (section 13.1.1).
struct IfMatch {
  bool any = false;               // "*": whatever is there
  std::vector<std::string> tags;  // strong ones, without quotes; a weak one never matches
};
// nullopt when it is malformed.
[[nodiscard]] std::optional<IfMatch> parse_if_match(std::string_view value);

}  // namespace ordercast::http
