#include "auth/verifier.h"

#include <algorithm>
#include <string>
#include <utility>

#include "auth/fingerprint.h"
#include "auth/key_file.h"
#include "auth/signature.h"

namespace ordercast::auth {
namespace {

bool is_for(const Key& key, const Token& token) {
  return key.algorithm == token.algorithm &&
         (key.id.empty() || !token.key_id || key.id == *token.key_id);
}

}  // namespace

TokenVerifier::TokenVerifier(VerifierOptions options) : trust_(read(std::move(options))) {}

TokenVerifier::TrustPtr TokenVerifier::read(VerifierOptions options) {
  std::vector<Key> keys;
  for (const auto& file : options.key_files) {
    for (auto& key : read_key_file(file)) keys.push_back(std::move(key));
  }
  const auto& wanted = options.algorithms;
  for (const auto algorithm : wanted) {
    if (std::none_of(keys.begin(), keys.end(),
                     [&](const Key& key) { return key.algorithm == algorithm; })) {
      throw KeyError("there is no key for " + std::string(name_of(algorithm)));
    }
  }
  if (!wanted.empty()) {
    std::erase_if(keys, [&](const Key& key) {
      return std::find(wanted.begin(), wanted.end(), key.algorithm) == wanted.end();
    });
  }
  if (keys.size() > kMostKeys) throw KeyError("there are more than 32 keys");
  return std::make_shared<const Trust>(Trust{std::move(options), std::move(keys)});
}

TokenVerifier::TrustPtr TokenVerifier::trust() const {
  const MutexLock lock(mutex_);
  return trust_;
}

std::size_t TokenVerifier::key_count() const {
  return trust()->keys.size();
}

void TokenVerifier::reload() {
  reload(trust()->options);
}

void TokenVerifier::reload(VerifierOptions options) {
  auto next = read(std::move(options));
  const MutexLock lock(mutex_);
  trust_ = std::move(next);
}

std::variant<GrantPtr, TokenProblem> TokenVerifier::verify(std::string_view text) const {
  const auto parsed = parse_token(text);
  if (const auto* problem = std::get_if<TokenProblem>(&parsed)) return *problem;
  const auto& token = std::get<Token>(parsed);
  const auto trust = this->trust();
  bool known = false;
  const bool good = std::any_of(trust->keys.begin(), trust->keys.end(), [&](const Key& key) {
    if (!is_for(key, token)) return false;
    known = true;
    return is_signed_by(key, token.signed_part, token.signature);
  });
  if (!known) return TokenProblem{"there is no key for its algorithm (alg) and key id (kid)"};
  if (!good) return TokenProblem{"its signature is not of a key of this server"};
  auto claims = read_claims(token.payload, trust->options.rules, trust->options.now());
  if (const auto* problem = std::get_if<TokenProblem>(&claims)) return *problem;
  auto& grant = std::get<Grant>(claims);
  grant.fingerprint = fingerprint_of(grant);
  return std::make_shared<const Grant>(std::move(grant));
}

}  // namespace ordercast::auth
