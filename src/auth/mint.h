// Makes tokens: the other way of claims.h, for `ordercast token mint` and for tests. Pure.
#pragma once

#include <string>
#include <string_view>

#include "auth/key.h"
#include "core/grant.h"

namespace ordercast::auth {

struct Parties {
  std::string issuer = {};    // empty: none is named
  std::string audience = {};  // the same
  std::string key_id = {};    // the same
};

// `grant` as the payload that read_claims() makes it of. Times are cut to whole seconds.
[[nodiscard]] std::string payload_of(const Grant& grant, const Parties& parties = {});

// A signed token of any payload. Throws KeyError.
[[nodiscard]] std::string mint(const SigningKey& key, std::string_view payload,
                               std::string_view key_id = {});

}  // namespace ordercast::auth
