// The target of a request line: path and query (RFC 9112 section 3.2.1, origin-form only). Pure.
#pragma once

#include <string>
#include <string_view>
#include <variant>
#include <vector>

#include "http/refusal.h"
#include "http/request.h"

namespace ordercast::http {

struct RequestTarget {
  std::string path;
  std::vector<std::string> segments;  // "/a/b" is {"a", "b"}, "/" is {""}
  std::vector<Parameter> params;
};

[[nodiscard]] std::variant<RequestTarget, Refusal> parse_request_target(std::string_view raw);

}  // namespace ordercast::http
