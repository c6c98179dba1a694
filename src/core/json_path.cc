#include "core/json_path.h"

#include "core/json_members.h"
#include "core/json_text.h"

namespace ordercast {
namespace {

std::optional<std::string_view> element(std::string_view token, int index) {
  if (token.starts_with('{')) return std::nullopt;
  // To PostgreSQL a number, string, boolean or null is here an array of one.
  const auto elements =
      token.starts_with('[') ? json_elements(token) : std::vector<std::string_view>{token};
  const auto count = static_cast<std::int64_t>(elements.size());
  const auto at = index < 0 ? count + index : std::int64_t{index};
  if (at < 0 || at >= count) return std::nullopt;
  return elements[static_cast<std::size_t>(at)];
}

std::optional<std::string_view> member(std::string_view token, std::string_view key) {
  if (!token.starts_with('{')) return std::nullopt;
  std::string scratch;
  for (const auto& [name, value] : json_members(token)) {
    if (json_text(name, scratch) == key) return value;
  }
  return std::nullopt;
}

}  // namespace

std::optional<std::string_view> JsonPath::find(std::string_view token) const {
  for (const auto& step : steps_) {
    const auto* const index = std::get_if<int>(&step);
    const auto next =
        index != nullptr ? element(token, *index) : member(token, std::get<std::string>(step));
    if (!next) return std::nullopt;
    token = *next;
  }
  return token;
}

}  // namespace ordercast
