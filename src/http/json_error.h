// The one shape of every error answer: problem details (RFC 9457), application/problem+json:
//   {"type":"about:blank","title":"Not Found","status":404,"code":"unknown_stream",
//    "detail":"what is wrong and what to do"}
// Pure functions.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "http/response.h"

namespace ordercast::http {

// One more member of the object, for what a program wants to know.
struct ErrorMember {
  std::string_view name;
  std::string json;  // its value, as JSON
};

// `code` is stable, for programs; `detail` is for people. Never put the text of an exception into
// it.
[[nodiscard]] Response json_error(int status, std::string_view code, std::string_view detail,
                                  const std::vector<ErrorMember>& more = {});

// `text` as a JSON string; what is no UTF-8 in it is replaced.
[[nodiscard]] std::string json_string(std::string_view text);

}  // namespace ordercast::http
