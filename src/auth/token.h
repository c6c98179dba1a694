// A token in its compact form (RFC 7515 section 7.1), taken apart and not believed yet: three parts
// of base64url, of which the first two are JSON. Pure.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <variant>

#include "auth/algorithm.h"

namespace ordercast::auth {

// Why a token is refused, in words that hold nothing of it: for its bearer and the log.
struct TokenProblem {
  const char* why;
};

// Above any token that fits into a request's head beside the other headers (http/head_limits.h).
inline constexpr std::size_t kMostTokenBytes = 6 * 1024;

struct Token {
  Algorithm algorithm;
  std::optional<std::string> key_id;  // `kid`: compared with the keys' ids, nothing else
  std::string_view signed_part;       // of the text
  std::string_view signature;         // base64url, of the text
  std::string payload;                // JSON, not looked at
};

// Views into `text`. Refused is, besides what is no token: an `alg` that is not ours, `none` above
// all; a `typ` other than JWT or at+jwt (RFC 9068); `crit` and `b64`, whatever they say (RFC 7515
// section 4.1.11: we know no extension); padding and other stray bits of base64. Where keys would
// come from (`jku`, `jwk`, `x5u`, `x5c`) is not looked at.
[[nodiscard]] std::variant<Token, TokenProblem> parse_token(std::string_view text);

}  // namespace ordercast::auth
