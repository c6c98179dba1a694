// Which media types a client wants (RFC 9110 section 12.5.1). Pure function.
#pragma once

#include <string_view>

namespace ordercast::http {

// How much `accept`, the value of the header, wants `type`: 0 is not at all, 1000 the most. The
// most specific range counts, as in "text/*;q=0.3, text/html;level=1". Parameters other than q are
// passed over; so is a range that is malformed.
[[nodiscard]] int acceptance(std::string_view accept, std::string_view type);

}  // namespace ordercast::http
