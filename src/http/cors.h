// Cross-origin resource sharing (WHATWG Fetch, "CORS protocol"): lets pages of listed origins read
// what we answer. An origin is only ever echoed when it is on the list, letter for letter.
// Immutable, thread-safe.
#pragma once

#include <string_view>
#include <vector>

#include "http/origin.h"
#include "http/request.h"

namespace ordercast::http {

class Cors {
 public:
  // `cookies`: the listed pages may send theirs. Throws std::invalid_argument with `*`: every site
  // could then read with the cookies of whoever looks at it.
  Cors(OriginList origins, bool cookies);
  // Nobody may.
  Cors() = default;

  // What the answer to this request carries, of whatever route and status; also to OPTIONS, by
  // which a browser asks first.
  [[nodiscard]] std::vector<Header> headers_for(const Request& request) const;

 private:
  OriginList origins_;
  bool cookies_ = false;
};

}  // namespace ordercast::http
