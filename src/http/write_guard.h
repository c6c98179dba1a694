// What every request that writes must be, before its route looks at it: asked for by this site's
// own page or by no page at all, and a JSON object. Pure.
#pragma once

#include <optional>

#include "http/response.h"

namespace ordercast::http {

// The answer to one that is not: 403, 415 or 400.
//
// A page of another site can make a browser send a request, with the user's network and cookies.
// Sec-Fetch-Site tells it (W3C Fetch Metadata, sent by all current browsers); where it is missing,
// an Origin that is not this host does; a program that is no browser sends neither. The content
// type is a second line: no HTML form can send application/json, and a script must first ask with
// OPTIONS, which is answered without a permission.
[[nodiscard]] std::optional<Response> refuse_write(const Request& request);

}  // namespace ordercast::http
