#include "auth/jwks.h"

#include <fmt/format.h>

#include <algorithm>
#include <nlohmann/json.hpp>
#include <optional>
#include <utility>

#include "auth/public_key.h"
#include "auth/strict_json.h"
#include "core/base64url.h"

namespace ordercast::auth {
namespace {

using nlohmann::json;

std::string bytes_of(const json& jwk, const char* name) {
  const auto text = string_member(jwk, name);
  auto bytes = text ? base64url_decode(*text) : std::nullopt;
  if (!bytes || bytes->empty()) throw KeyError(fmt::format("its member {} is no base64url", name));
  return *std::move(bytes);
}

Key secret_key(const json& jwk) {
  Key key{.id = {}, .algorithm = Algorithm::kHs256, .material = bytes_of(jwk, "k")};
  if (key.material.size() < kLeastSecretBytes) {
    throw KeyError("a secret of less than 32 bytes is too weak");
  }
  return key;
}

// nullopt when it is not for us.
std::optional<Key> key_of(const json& jwk) {
  const auto type = string_member(jwk, "kty");
  const auto use = string_member(jwk, "use").value_or("sig");
  if (!type || use != "sig") return std::nullopt;
  if (jwk.contains("d")) throw KeyError("it is a private key: publish only its public part");
  std::optional<Algorithm> algorithm;
  if (*type == "RSA") algorithm = Algorithm::kRs256;
  if (*type == "EC" && string_member(jwk, "crv") == "P-256") algorithm = Algorithm::kEs256;
  if (*type == "oct") algorithm = Algorithm::kHs256;
  if (!algorithm) return std::nullopt;
  if (jwk.contains("alg") && string_member(jwk, "alg") != name_of(*algorithm)) return std::nullopt;
  switch (*algorithm) {
    case Algorithm::kRs256:
      return rsa_key(bytes_of(jwk, "n"), bytes_of(jwk, "e"));
    case Algorithm::kEs256:
      return p256_key(bytes_of(jwk, "x"), bytes_of(jwk, "y"));
    case Algorithm::kHs256:
      break;
  }
  return secret_key(jwk);
}

void add(const json& jwk, std::vector<Key>& keys) {
  if (!jwk.is_object()) throw KeyError("a key of the set is no object");
  const auto id = string_member(jwk, "kid").value_or("");
  try {
    auto key = key_of(jwk);
    if (!key) return;
    key->id = id;
    keys.push_back(*std::move(key));
  } catch (const KeyError& error) {
    throw KeyError(fmt::format("key number {} of the set: {}", keys.size() + 1, error.what()));
  }
  const auto same = [&](const Key& other) { return !id.empty() && other.id == id; };
  if (std::count_if(keys.begin(), keys.end(), same) > 1) throw KeyError("two keys have one kid");
}

}  // namespace

std::vector<Key> parse_jwks(std::string_view text) {
  const auto parsed = parse_strictly(text);
  if (!parsed || !parsed->is_object()) throw KeyError("it is no JSON Web Key Set");
  std::vector<Key> keys;
  if (parsed->contains("kty")) {
    add(*parsed, keys);
  } else {
    const auto set = parsed->find("keys");
    if (set == parsed->end() || !set->is_array()) throw KeyError("it is no JSON Web Key Set");
    for (const auto& jwk : *set) add(jwk, keys);
  }
  if (keys.empty()) throw KeyError("none of its keys is for RS256, ES256 or HS256");
  return keys;
}

}  // namespace ordercast::auth
