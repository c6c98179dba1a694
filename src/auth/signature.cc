#include "auth/signature.h"

#include <openssl/crypto.h>
#include <openssl/err.h>

#include <jwt/jwt.hpp>
#include <new>

#include "core/base64url.h"

namespace ordercast::auth {
namespace {

// Behind each call: what OpenSSL notes about it is nobody else's error.
struct ForgetErrors {
  ~ForgetErrors() { ERR_clear_error(); }
};

jwt::string_view view(std::string_view text) {
  return {text.data(), text.size()};
}

bool same_hmac(const Key& key, std::string_view input, std::string_view signature) {
  const auto [made, error] = jwt::HMACSign<jwt::algo::HS256>::sign(view(key.material), view(input));
  const auto given = base64url_decode(signature);
  return !error && given && given->size() == made.size() &&
         CRYPTO_memcmp(given->data(), made.data(), made.size()) == 0;
}

template <typename Hasher>
bool verifies(const Key& key, std::string_view input, std::string_view signature) {
  const auto [valid, error] =
      jwt::PEMSign<Hasher>::verify(view(key.material), view(input), view(signature));
  return valid && !error;
}

template <typename Signer>
std::string signed_by(const SigningKey& key, std::string_view input) {
  const auto [made, error] = Signer::sign(view(key.material), view(input));
  if (error) throw KeyError("OpenSSL cannot sign with it");
  return base64url_encode(made);
}

}  // namespace

bool is_signed_by(const Key& key, std::string_view input, std::string_view signature) {
  const ForgetErrors after;
  try {
    switch (key.algorithm) {
      case Algorithm::kHs256:
        return same_hmac(key, input, signature);
      case Algorithm::kRs256:
        return verifies<jwt::algo::RS256>(key, input, signature);
      case Algorithm::kEs256:
        return verifies<jwt::algo::ES256>(key, input, signature);
    }
  } catch (const jwt::MemoryAllocationException&) {
    throw std::bad_alloc();
  }
  return false;
}

std::string sign(const SigningKey& key, std::string_view input) {
  const ForgetErrors after;
  switch (key.algorithm) {
    case Algorithm::kHs256:
      return signed_by<jwt::HMACSign<jwt::algo::HS256>>(key, input);
    case Algorithm::kRs256:
      return signed_by<jwt::PEMSign<jwt::algo::RS256>>(key, input);
    case Algorithm::kEs256:
      break;
  }
  return signed_by<jwt::PEMSign<jwt::algo::ES256>>(key, input);
}

}  // namespace ordercast::auth
