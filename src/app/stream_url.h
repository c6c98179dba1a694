// The URL of a stream, from how a person names it. Pure function.
#pragma once

#include <string>
#include <utility>
#include <vector>

namespace ordercast::app {

// `target` is a URL of a stream or of a server, or the name of a stream of `server`; empty: the
// stream orders. The parameters, names and values as they are meant, follow what the URL has.
// Throws std::invalid_argument when it is neither.
[[nodiscard]] std::string stream_url(
    const std::string& server, const std::string& target,
    const std::vector<std::pair<std::string, std::string>>& parameters);

}  // namespace ordercast::app
