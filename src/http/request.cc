#include "http/request.h"

#include <algorithm>

#include "http/header_rules.h"

namespace ordercast::http {

std::optional<std::string_view> Request::header(std::string_view name) const {
  const auto found = std::find_if(headers.begin(), headers.end(), [&](const Header& header) {
    return same_header_name(header.name, name);
  });
  if (found == headers.end()) return std::nullopt;
  return found->value;
}

std::optional<std::string_view> Request::param(std::string_view name) const {
  const auto found = std::find_if(params.begin(), params.end(),
                                  [&](const Parameter& param) { return param.name == name; });
  if (found == params.end()) return std::nullopt;
  return found->value;
}

}  // namespace ordercast::http
