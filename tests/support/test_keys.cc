#include "support/test_keys.h"

#include <openssl/bio.h>
#include <openssl/bn.h>
#include <openssl/core_names.h>
#include <openssl/evp.h>
#include <openssl/pem.h>

#include <array>
#include <fstream>
#include <memory>
#include <stdexcept>

#include "auth/mint.h"
#include "auth/signature.h"
#include "core/base64url.h"

namespace ordercast::testing {
namespace {

using PKey = std::unique_ptr<EVP_PKEY, decltype(&EVP_PKEY_free)>;

std::string text_of(BIO* bio) {
  char* data = nullptr;
  const auto size = BIO_get_mem_data(bio, &data);
  std::string text(data, static_cast<std::size_t>(size));
  BIO_free(bio);
  return text;
}

KeyPair pair_of(auth::Algorithm algorithm, EVP_PKEY* made) {
  const PKey key(made, EVP_PKEY_free);
  if (!key) throw std::runtime_error("OpenSSL makes no key");
  BIO* secret = BIO_new(BIO_s_mem());
  PEM_write_bio_PrivateKey(secret, key.get(), nullptr, nullptr, 0, nullptr, nullptr);
  BIO* open = BIO_new(BIO_s_mem());
  PEM_write_bio_PUBKEY(open, key.get());
  return {{algorithm, text_of(secret)}, text_of(open)};
}

std::string number_of(const std::string& public_pem, const char* name) {
  BIO* in = BIO_new_mem_buf(public_pem.data(), static_cast<int>(public_pem.size()));
  const PKey key(PEM_read_bio_PUBKEY(in, nullptr, nullptr, nullptr), EVP_PKEY_free);
  BIO_free(in);
  BIGNUM* number = nullptr;
  if (EVP_PKEY_get_bn_param(key.get(), name, &number) != 1) throw std::runtime_error(name);
  // The coordinates of P-256 keep their leading zeroes (RFC 7518 section 6.2.1.2).
  constexpr int kCoordinate = 32;
  const int size = std::string_view(name).starts_with('q') ? kCoordinate : BN_num_bytes(number);
  std::string bytes(static_cast<std::size_t>(size), '\0');
  BN_bn2binpad(number, reinterpret_cast<unsigned char*>(bytes.data()), size);
  BN_free(number);
  return base64url_encode(bytes);
}

}  // namespace

const KeyPair& rsa_pair() {
  static const KeyPair pair = pair_of(auth::Algorithm::kRs256, EVP_RSA_gen(2048));
  return pair;
}

const KeyPair& p256_pair() {
  static const KeyPair pair = pair_of(auth::Algorithm::kEs256, EVP_EC_gen("P-256"));
  return pair;
}

const auth::SigningKey& hmac_secret() {
  static const auth::SigningKey key{auth::Algorithm::kHs256, "a secret of tests, 32 bytes long"};
  return key;
}

std::string jwks_of(const std::string& rsa_id, const std::string& p256_id) {
  const auto& rsa = rsa_pair().public_pem;
  const auto& p256 = p256_pair().public_pem;
  const nlohmann::json set = {{"keys",
                               {{{"kty", "RSA"},
                                 {"kid", rsa_id},
                                 {"use", "sig"},
                                 {"alg", "RS256"},
                                 {"n", number_of(rsa, OSSL_PKEY_PARAM_RSA_N)},
                                 {"e", number_of(rsa, OSSL_PKEY_PARAM_RSA_E)}},
                                {{"kty", "EC"},
                                 {"kid", p256_id},
                                 {"crv", "P-256"},
                                 {"x", number_of(p256, OSSL_PKEY_PARAM_EC_PUB_X)},
                                 {"y", number_of(p256, OSSL_PKEY_PARAM_EC_PUB_Y)}}}}};
  return set.dump();
}

std::int64_t seconds_from_now(std::chrono::seconds seconds) {
  return std::chrono::duration_cast<std::chrono::seconds>(
             (std::chrono::system_clock::now() + seconds).time_since_epoch())
      .count();
}

nlohmann::json good_claims() {
  return {{"exp", seconds_from_now(std::chrono::minutes(10))},
          {"ordercast", {{"tenant", nullptr}}}};
}

std::string token_of(const auth::SigningKey& key, const nlohmann::json& payload,
                     std::string_view key_id) {
  return auth::mint(key, payload.dump(), key_id);
}

http::Header bearer_of(const std::string& tenant) {
  auto claims = good_claims();
  claims["ordercast"]["tenant"] = tenant;
  return {"Authorization", "Bearer " + token_of(hmac_secret(), claims)};
}

std::string raw_token(const auth::SigningKey& key, std::string_view header,
                      std::string_view payload) {
  const auto signed_part = base64url_encode(header) + "." + base64url_encode(payload);
  return signed_part + "." + auth::sign(key, signed_part);
}

void write_private(const std::filesystem::path& path, std::string_view text) {
  std::ofstream(path, std::ios::trunc) << "";
  std::filesystem::permissions(path, std::filesystem::perms(0600));
  std::ofstream(path, std::ios::trunc) << text;
}

}  // namespace ordercast::testing
