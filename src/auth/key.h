// A key that tokens are verified or signed with. It is of one algorithm and never used for another:
// a public RSA key taken for an HMAC secret would let anybody sign. Value types.
#pragma once

#include <stdexcept>
#include <string>

#include "auth/algorithm.h"

namespace ordercast::auth {

// A key cannot be used; what() says why and what to do, and shows nothing of the key.
struct KeyError : std::runtime_error {
  using std::runtime_error::runtime_error;
};

struct Key {
  // A JWK's `kid`: only for tokens that name it, or name none. Empty: for any token.
  std::string id;
  Algorithm algorithm;
  std::string material;  // kHs256: the secret's bytes; else the public key as PEM (RFC 7468)
};

// What tokens are signed with.
struct SigningKey {
  Algorithm algorithm;
  std::string material;  // the secret's bytes, or the private key as PEM (PKCS #8 and older)
};

// RFC 7518 section 3.2: an HMAC key has at least the size of its hash.
inline constexpr std::size_t kLeastSecretBytes = 32;
// NIST SP 800-131A: what is smaller is no longer trusted.
inline constexpr int kLeastRsaBits = 2048;

}  // namespace ordercast::auth
