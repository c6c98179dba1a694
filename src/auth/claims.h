// What a token claims (RFC 7519 section 4, docs/protocol.md "Tokens"): from a payload whose
// signature is good to the grant that it is. Nothing malformed is passed over: a claim of ours that
// is not what it should be, or a member that we do not know, refuses the token. Pure.
#pragma once

#include <chrono>
#include <optional>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

#include "auth/token.h"
#include "core/grant.h"

namespace ordercast::auth {

struct ClaimRules {
  std::string issuer = {};                  // `iss` must be this; empty: anything
  std::vector<std::string> audiences = {};  // one of `aud` must be one of these; empty: anything
  // By so much may the issuer's clock differ from ours.
  std::chrono::seconds skew{30};
};

// The member of the payload that is ours.
inline constexpr char kClaim[] = "ordercast";

[[nodiscard]] std::variant<Grant, TokenProblem> read_claims(
    std::string_view payload, const ClaimRules& rules, std::chrono::system_clock::time_point now);

}  // namespace ordercast::auth
