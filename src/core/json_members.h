// The top-level members of a JSON object, or elements of an array, as views into its text: no value
// is parsed, so no digit of a number is lost and no nesting depth can exhaust the stack. Pure
// functions.
#pragma once

#include <string_view>
#include <vector>

namespace ordercast {

struct JsonMember {
  std::string_view name;   // with its quotes and escapes, as in the text
  std::string_view value;  // without surrounding white space
};

// `object` is what PostgreSQL's JSON functions wrote. Throws std::invalid_argument when it is not
// an object.
[[nodiscard]] std::vector<JsonMember> json_members(std::string_view object);

// The same for an array.
[[nodiscard]] std::vector<std::string_view> json_elements(std::string_view array);

}  // namespace ordercast
