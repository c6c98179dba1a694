#include "http/entity_tag.h"

namespace ordercast::http {
namespace {

void skip_blank(std::string_view& text) {
  const auto first = text.find_first_not_of(" \t");
  text.remove_prefix(first == text.npos ? text.size() : first);
}

bool take(std::string_view& text, std::string_view prefix) {
  if (!text.starts_with(prefix)) return false;
  text.remove_prefix(prefix.size());
  return true;
}

}  // namespace

std::string entity_tag(std::string_view tag) {
  return '"' + std::string(tag) + '"';
}

std::optional<IfMatch> parse_if_match(std::string_view value) {
  IfMatch result;
  skip_blank(value);
  if (value == "*") return IfMatch{.any = true, .tags = {}};
  do {
    skip_blank(value);
    const bool weak = take(value, "W/");
    if (!take(value, "\"")) return std::nullopt;
    const auto end = value.find('"');
    if (end == value.npos) return std::nullopt;
    if (!weak) result.tags.emplace_back(value.substr(0, end));
    value.remove_prefix(end + 1);
    skip_blank(value);
  } while (take(value, ","));
  if (!value.empty()) return std::nullopt;
  return result;
}

}  // namespace ordercast::http
