// Public keys as OpenSSL has them, and their way into PEM, which is what cpp-jwt takes. Only what
// our algorithms can use: RSA of at least kLeastRsaBits, EC on P-256. Free functions, thread-safe;
// all throw KeyError.
#pragma once

#include <string_view>
#include <vector>

#include "auth/key.h"

namespace ordercast::auth {

// Every "PUBLIC KEY" of a PEM text, at least one. Refused, with what to do instead, are private
// keys, certificates and other forms.
[[nodiscard]] std::vector<Key> parse_public_keys(std::string_view pem);

// From the numbers of a JWK (RFC 7518 sections 6.3 and 6.2), big-endian.
[[nodiscard]] Key rsa_key(std::string_view modulus, std::string_view exponent);
[[nodiscard]] Key p256_key(std::string_view x, std::string_view y);

// Whether these bytes are a public key in its binary form (DER): anybody may know them, so that
// they must not be taken for a secret.
[[nodiscard]] bool is_der_public_key(std::string_view bytes);

// The algorithm that a private key in PEM is for.
[[nodiscard]] SigningKey parse_private_key(std::string_view pem);

}  // namespace ordercast::auth
