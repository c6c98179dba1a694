#include "auth/mint.h"

#include <chrono>
#include <nlohmann/json.hpp>

#include "auth/claims.h"
#include "auth/signature.h"
#include "core/base64url.h"

namespace ordercast::auth {
namespace {

using nlohmann::ordered_json;

std::int64_t seconds(std::chrono::system_clock::time_point time) {
  return std::chrono::floor<std::chrono::seconds>(time.time_since_epoch()).count();
}

}  // namespace

std::string payload_of(const Grant& grant, const Parties& parties) {
  ordered_json payload;
  if (!parties.issuer.empty()) payload["iss"] = parties.issuer;
  if (!parties.audience.empty()) payload["aud"] = parties.audience;
  if (!grant.subject.empty()) payload["sub"] = grant.subject;
  if (!grant.token_id.empty()) payload["jti"] = grant.token_id;
  if (grant.issued_at) payload["iat"] = seconds(*grant.issued_at);
  if (grant.expires_at) payload["exp"] = seconds(*grant.expires_at);
  ordered_json ours = {{"tenant", grant.tenant ? ordered_json(*grant.tenant) : ordered_json()}};
  if (grant.streams) ours["streams"] = *grant.streams;
  if (!grant.filter.empty()) ours["filter"] = grant.filter;
  if (!grant.columns.empty()) ours["columns"] = grant.columns;
  if (grant.write) ours["write"] = true;
  payload[kClaim] = std::move(ours);
  return payload.dump();
}

std::string mint(const SigningKey& key, std::string_view payload, std::string_view key_id) {
  ordered_json header = {{"alg", name_of(key.algorithm)}, {"typ", "JWT"}};
  if (!key_id.empty()) header["kid"] = key_id;
  auto token = base64url_encode(header.dump()) + "." + base64url_encode(payload);
  return token + "." + sign(key, token);
}

}  // namespace ordercast::auth
