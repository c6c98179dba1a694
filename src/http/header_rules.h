// What header lines are made of, and those that every answer carries. Pure functions.
#pragma once

#include <string_view>
#include <vector>

#include "http/request.h"

namespace ordercast::http {

// RFC 9110 section 5.6.2: what methods and header names are made of.
[[nodiscard]] bool is_token(std::string_view text);

// Names are compared without regard to case, in ASCII (RFC 9110 section 5.1).
[[nodiscard]] bool same_header_name(std::string_view a, std::string_view b);

// Whether each is a token with a value free of control characters: fit for the wire.
[[nodiscard]] bool valid_headers(const std::vector<Header>& headers);

// On every answer, the streams' too.
[[nodiscard]] const std::vector<Header>& security_headers();

}  // namespace ordercast::http
