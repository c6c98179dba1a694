// Tokens of any bytes, and payloads of any bytes: refused with a reason or taken, never anything
// else. What is taken says what it may and comes back the same.
#include <chrono>
#include <cstdint>
#include <cstdlib>
#include <string_view>

#include "auth/claims.h"
#include "auth/token.h"

namespace {

using namespace ordercast;

void require(bool condition) {
  if (!condition) std::abort();
}

void check(const Grant& grant, std::chrono::system_clock::time_point now) {
  require(grant.expires_at.has_value() && *grant.expires_at > now - std::chrono::seconds(31));
  require(!grant.tenant || !grant.tenant->empty());
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string_view text(reinterpret_cast<const char*>(data), size);
  const std::chrono::system_clock::time_point now{std::chrono::seconds(1'800'000'000)};
  const auto parsed = auth::parse_token(text);
  const auto* token = std::get_if<auth::Token>(&parsed);
  if (token != nullptr) {
    // The signature covers all that was read.
    require(text.starts_with(token->signed_part) && text.ends_with(token->signature));
    require(token->signed_part.size() + 1 + token->signature.size() == text.size());
  } else {
    require(std::get<auth::TokenProblem>(parsed).why != nullptr);
  }
  for (const auto payload : {text, token != nullptr ? std::string_view(token->payload) : text}) {
    const auto claims = auth::read_claims(payload, {}, now);
    if (const auto* grant = std::get_if<Grant>(&claims)) check(*grant, now);
  }
  return 0;
}
