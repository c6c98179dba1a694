#include "core/row.h"

#include <nlohmann/json.hpp>

namespace ordercast {
namespace {

// `token` is a JSON string with its quotes. Names with escapes are rare: only they are decoded.
bool names(std::string_view token, std::string_view column) {
  const auto inner = token.substr(1, token.size() - 2);
  if (inner.find('\\') == inner.npos) return inner == column;
  return nlohmann::json::parse(token).get<std::string>() == column;
}

}  // namespace

std::optional<std::string_view> Row::find(std::string_view column) const {
  for (const auto& member : members_) {
    if (names(member.name, column)) return member.value;
  }
  return std::nullopt;
}

}  // namespace ordercast
