// JSON Web Key Sets (RFC 7517): what an identity provider publishes its keys as. Pure.
#pragma once

#include <string_view>
#include <vector>

#include "auth/key.h"

namespace ordercast::auth {

// The keys of a set, or of a single JWK, that our algorithms can use: RSA, P-256, and secrets
// (`oct`). Those of another algorithm, and those that are not for signatures (`use`), are left out,
// for a set may serve others, too. Throws KeyError: it is no set, none is of use, one that should
// be is broken or private, or two have one `kid`.
[[nodiscard]] std::vector<Key> parse_jwks(std::string_view text);

}  // namespace ordercast::auth
