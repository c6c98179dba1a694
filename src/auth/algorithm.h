// The signature algorithms of tokens (RFC 7518 section 3.1) that there are here: a fixed list, of
// which the configuration names some. Not `none`; and no EdDSA, which cpp-jwt 1.4 does not have.
// Pure functions.
#pragma once

#include <array>
#include <optional>
#include <string_view>

namespace ordercast::auth {

enum class Algorithm {
  kHs256,  // HMAC with SHA-256: who can verify can also sign
  kRs256,  // RSA, PKCS #1 v1.5
  kEs256,  // ECDSA on P-256
};

inline constexpr std::array kAlgorithms = {Algorithm::kHs256, Algorithm::kRs256, Algorithm::kEs256};

[[nodiscard]] std::string_view name_of(Algorithm algorithm);
// By its exact name: "hs256" is none.
[[nodiscard]] std::optional<Algorithm> parse_algorithm(std::string_view name);

}  // namespace ordercast::auth
