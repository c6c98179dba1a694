// Keys for tests, made once a process, and tokens that are signed with them. Thread-safe.
#pragma once

#include <chrono>
#include <filesystem>
#include <nlohmann/json.hpp>
#include <string>
#include <string_view>

#include "auth/key.h"
#include "core/grant.h"
#include "http/request.h"

namespace ordercast::testing {

// A key pair in PEM.
struct KeyPair {
  auth::SigningKey secret;
  std::string public_pem;
};

[[nodiscard]] const KeyPair& rsa_pair();
[[nodiscard]] const KeyPair& p256_pair();
[[nodiscard]] const auth::SigningKey& hmac_secret();

// A JSON Web Key Set with the public keys under these ids.
[[nodiscard]] std::string jwks_of(const std::string& rsa_id, const std::string& p256_id);

// Its payload is a good one: of all tenants, for ten minutes. More may be set.
[[nodiscard]] nlohmann::json good_claims();
[[nodiscard]] std::string token_of(const auth::SigningKey& key, const nlohmann::json& payload,
                                   std::string_view key_id = {});
// The same of any header and payload.
[[nodiscard]] std::string raw_token(const auth::SigningKey& key, std::string_view header,
                                    std::string_view payload);

// `Authorization` with a good token of that tenant, signed with hmac_secret().
[[nodiscard]] http::Header bearer_of(const std::string& tenant);

[[nodiscard]] std::int64_t seconds_from_now(std::chrono::seconds seconds);

// Writes a file that its owner alone may read.
void write_private(const std::filesystem::path& path, std::string_view text);

}  // namespace ordercast::testing
