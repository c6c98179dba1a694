#include "http/accept.h"

#include <algorithm>
#include <charconv>

#include "http/header_rules.h"

namespace ordercast::http {
namespace {

constexpr int kFull = 1000;

// The next part of a list, which is then behind it.
std::string_view take(std::string_view& list, char separator) {
  const auto end = std::min(list.find(separator), list.size());
  auto part = list.substr(0, end);
  list.remove_prefix(std::min(end + 1, list.size()));
  const auto first = part.find_first_not_of(" \t");
  if (first == part.npos) return {};
  return part.substr(first, part.find_last_not_of(" \t") + 1 - first);
}

// "0.25" in thousandths; 0 for what is no weight.
int weight(std::string_view text) {
  double value = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
  const bool valid = error == std::errc() && end == text.data() + text.size();
  return valid && value >= 0 && value <= 1 ? static_cast<int>(value * kFull + 0.5) : 0;
}

// How exactly `range` names `type`: 0 not at all, 3 by its name.
int exactness(std::string_view range, std::string_view type) {
  if (same_header_name(range, type)) return 3;
  if (range == "*/*") return 1;
  const bool family = range.ends_with("/*") && same_header_name(range.substr(0, range.size() - 1),
                                                                type.substr(0, type.find('/') + 1));
  return family ? 2 : 0;
}

}  // namespace

int acceptance(std::string_view accept, std::string_view type) {
  int best = 0;
  int wanted = 0;
  while (!accept.empty()) {
    auto entry = take(accept, ',');
    const int match = exactness(take(entry, ';'), type);
    if (match <= best) continue;
    best = match;
    wanted = kFull;
    while (!entry.empty()) {
      const auto parameter = take(entry, ';');
      if (parameter.starts_with("q=") || parameter.starts_with("Q="))
        wanted = weight(parameter.substr(2));
    }
  }
  return wanted;
}

}  // namespace ordercast::http
