#include "auth/algorithm.h"

#include <algorithm>

namespace ordercast::auth {

std::string_view name_of(Algorithm algorithm) {
  switch (algorithm) {
    case Algorithm::kHs256:
      return "HS256";
    case Algorithm::kRs256:
      return "RS256";
    case Algorithm::kEs256:
      break;
  }
  return "ES256";
}

std::optional<Algorithm> parse_algorithm(std::string_view name) {
  const auto* found = std::find_if(kAlgorithms.begin(), kAlgorithms.end(),
                                   [&](Algorithm each) { return name_of(each) == name; });
  return found == kAlgorithms.end() ? std::nullopt : std::optional(*found);
}

}  // namespace ordercast::auth
