// What somebody may have meant by a name that does not exist. Free function; thread-safe.
#pragma once

#include <string>
#include <string_view>
#include <vector>

namespace ordercast::app {

// The one that takes the fewest steps: a letter more, less, another, or two that change places;
// '_' is as good as '-', and 'A' as 'a'. The first of several; empty for no names.
[[nodiscard]] std::string nearest_name(std::string_view name,
                                       const std::vector<std::string>& names);

}  // namespace ordercast::app
