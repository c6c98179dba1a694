// The only door to cpp-jwt: signatures made and checked. Of the library only its signature classes
// are used. Its decoder takes `alg` in any case, base64 with stray bits or padding, and two claims
// of one name; it asserts, throws, and reads outside of its table for what is no base64 (1.4): what
// a token says is read by token.h and claims.h. Pure functions, thread-safe.
#pragma once

#include <string>
#include <string_view>

#include "auth/key.h"

namespace ordercast::auth {

// Whether `signature`, base64url (RFC 7515 section 2) that base64url_decode() takes, is `key`'s of
// `input`. An HMAC is compared in constant time. Throws std::bad_alloc.
[[nodiscard]] bool is_signed_by(const Key& key, std::string_view input, std::string_view signature);

// As base64url. Throws KeyError.
[[nodiscard]] std::string sign(const SigningKey& key, std::string_view input);

}  // namespace ordercast::auth
