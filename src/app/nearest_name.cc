#include "app/nearest_name.h"

#include <algorithm>
#include <cctype>
#include <cstddef>

namespace ordercast::app {
namespace {

// More is no name that somebody typed; the work grows with it.
constexpr std::size_t kLongest = 100;

std::string folded(std::string_view name) {
  std::string result(name.substr(0, kLongest));
  std::ranges::transform(result, result.begin(), [](unsigned char c) {
    return c == '_' ? '-' : static_cast<char>(std::tolower(c));
  });
  return result;
}

// Optimal string alignment: Levenshtein's distance with transpositions.
std::size_t distance(const std::string& a, const std::string& b) {
  std::vector<std::vector<std::size_t>> steps(a.size() + 1, std::vector<std::size_t>(b.size() + 1));
  for (std::size_t i = 0; i <= a.size(); ++i) {
    for (std::size_t j = 0; j <= b.size(); ++j) {
      if (i == 0 || j == 0) {
        steps[i][j] = i + j;
        continue;
      }
      const std::size_t other = a[i - 1] == b[j - 1] ? 0 : 1;
      auto least =
          std::min({steps[i - 1][j] + 1, steps[i][j - 1] + 1, steps[i - 1][j - 1] + other});
      if (i > 1 && j > 1 && a[i - 1] == b[j - 2] && a[i - 2] == b[j - 1])
        least = std::min(least, steps[i - 2][j - 2] + 1);
      steps[i][j] = least;
    }
  }
  return steps[a.size()][b.size()];
}

}  // namespace

std::string nearest_name(std::string_view name, const std::vector<std::string>& names) {
  const auto wanted = folded(name);
  const auto nearest = std::ranges::min_element(
      names, {}, [&](const std::string& other) { return distance(wanted, folded(other)); });
  return nearest == names.end() ? std::string() : *nearest;
}

}  // namespace ordercast::app
