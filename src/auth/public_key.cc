#include "auth/public_key.h"

#include <openssl/bio.h>
#include <openssl/bn.h>
#include <openssl/core_names.h>
#include <openssl/err.h>
#include <openssl/evp.h>
#include <openssl/param_build.h>
#include <openssl/pem.h>
#include <openssl/x509.h>

#include <array>
#include <memory>
#include <string>

namespace ordercast::auth {
namespace {

template <auto kFree>
struct Freed {
  template <typename T>
  void operator()(T* object) const {
    kFree(object);
  }
};
using Bio = std::unique_ptr<BIO, Freed<BIO_free_all>>;
using PKey = std::unique_ptr<EVP_PKEY, Freed<EVP_PKEY_free>>;
using PKeyContext = std::unique_ptr<EVP_PKEY_CTX, Freed<EVP_PKEY_CTX_free>>;
using Number = std::unique_ptr<BIGNUM, Freed<BN_free>>;
using ParamBuilder = std::unique_ptr<OSSL_PARAM_BLD, Freed<OSSL_PARAM_BLD_free>>;
using Params = std::unique_ptr<OSSL_PARAM, Freed<OSSL_PARAM_free>>;

constexpr std::size_t kP256Bytes = 32;
constexpr char kP256[] = "prime256v1";  // OpenSSL's name of P-256

const unsigned char* bytes_of(std::string_view text) {
  return reinterpret_cast<const unsigned char*>(text.data());
}

Bio reader(std::string_view text) {
  return Bio(BIO_new_mem_buf(text.data(), static_cast<int>(text.size())));
}

// OpenSSL asks for passwords on the terminal unless it is given an answer.
int no_password(char*, int, int, void*) {
  return 0;
}

std::string pem_of(EVP_PKEY* key) {
  const Bio out(BIO_new(BIO_s_mem()));
  if (!out || PEM_write_bio_PUBKEY(out.get(), key) != 1) throw KeyError("OpenSSL cannot write it");
  char* data = nullptr;
  const auto size = BIO_get_mem_data(out.get(), &data);
  return {data, static_cast<std::size_t>(size)};
}

Algorithm algorithm_of(EVP_PKEY* key) {
  if (EVP_PKEY_is_a(key, "RSA") == 1) {
    if (EVP_PKEY_get_bits(key) < kLeastRsaBits) {
      throw KeyError("an RSA key of less than 2048 bits is too weak");
    }
    return Algorithm::kRs256;
  }
  std::array<char, 64> group{};
  if (EVP_PKEY_is_a(key, "EC") == 1 &&
      EVP_PKEY_get_group_name(key, group.data(), group.size(), nullptr) == 1 &&
      std::string_view(group.data()) == kP256) {
    return Algorithm::kEs256;
  }
  throw KeyError(
      "its kind is not known here: RSA (RS256) and EC on P-256 (ES256) are; Ed25519 is not");
}

Key public_key(EVP_PKEY* key) {
  return {.id = {}, .algorithm = algorithm_of(key), .material = pem_of(key)};
}

Number number(std::string_view bytes) {
  return Number(BN_bin2bn(bytes_of(bytes), static_cast<int>(bytes.size()), nullptr));
}

Key key_from(const char* type, OSSL_PARAM_BLD* builder) {
  const Params params(OSSL_PARAM_BLD_to_param(builder));
  const PKeyContext context(EVP_PKEY_CTX_new_from_name(nullptr, type, nullptr));
  EVP_PKEY* made = nullptr;
  const bool ok = params && context && EVP_PKEY_fromdata_init(context.get()) == 1 &&
                  EVP_PKEY_fromdata(context.get(), &made, EVP_PKEY_PUBLIC_KEY, params.get()) == 1;
  const PKey key(made);
  const PKeyContext check(ok ? EVP_PKEY_CTX_new_from_pkey(nullptr, made, nullptr) : nullptr);
  const bool valid = check && EVP_PKEY_public_check(check.get()) == 1;
  ERR_clear_error();
  if (!valid) throw KeyError("its numbers are no public key");
  return public_key(key.get());
}

}  // namespace

std::vector<Key> parse_public_keys(std::string_view pem) {
  if (pem.find("PRIVATE KEY-----") != pem.npos) {
    throw KeyError(
        "it holds a private key, which verifying does not need: give the public one "
        "(openssl pkey -in FILE -pubout)");
  }
  if (pem.find("-----BEGIN CERTIFICATE") != pem.npos) {
    throw KeyError(
        "it is a certificate: give its public key (openssl x509 -in FILE -noout -pubkey)");
  }
  const Bio in = reader(pem);
  std::vector<Key> keys;
  while (const PKey key{PEM_read_bio_PUBKEY(in.get(), nullptr, no_password, nullptr)}) {
    keys.push_back(public_key(key.get()));
  }
  ERR_clear_error();
  if (keys.empty()) throw KeyError("it holds no public key in PEM, '-----BEGIN PUBLIC KEY-----'");
  return keys;
}

Key rsa_key(std::string_view modulus, std::string_view exponent) {
  const ParamBuilder builder(OSSL_PARAM_BLD_new());
  const auto n = number(modulus);
  const auto e = number(exponent);
  if (!builder || !n || !e ||
      OSSL_PARAM_BLD_push_BN(builder.get(), OSSL_PKEY_PARAM_RSA_N, n.get()) != 1 ||
      OSSL_PARAM_BLD_push_BN(builder.get(), OSSL_PKEY_PARAM_RSA_E, e.get()) != 1) {
    throw KeyError("OpenSSL cannot make it");
  }
  return key_from("RSA", builder.get());
}

Key p256_key(std::string_view x, std::string_view y) {
  if (x.size() != kP256Bytes || y.size() != kP256Bytes) {
    throw KeyError("x and y of a key on P-256 have 32 bytes each");
  }
  const ParamBuilder builder(OSSL_PARAM_BLD_new());
  // SEC 1 section 2.3.3: uncompressed.
  const auto point = "\x04" + std::string(x) + std::string(y);
  if (!builder ||
      OSSL_PARAM_BLD_push_utf8_string(builder.get(), OSSL_PKEY_PARAM_GROUP_NAME, kP256, 0) != 1 ||
      OSSL_PARAM_BLD_push_octet_string(builder.get(), OSSL_PKEY_PARAM_PUB_KEY, point.data(),
                                       point.size()) != 1) {
    throw KeyError("OpenSSL cannot make it");
  }
  return key_from("EC", builder.get());
}

bool is_der_public_key(std::string_view bytes) {
  const auto* data = bytes_of(bytes);
  const PKey key(d2i_PUBKEY(nullptr, &data, static_cast<long>(bytes.size())));
  ERR_clear_error();
  return key != nullptr;
}

SigningKey parse_private_key(std::string_view pem) {
  const Bio in = reader(pem);
  const PKey key(PEM_read_bio_PrivateKey(in.get(), nullptr, no_password, nullptr));
  ERR_clear_error();
  if (!key) throw KeyError("it holds no private key in PEM, or one with a password");
  return {.algorithm = algorithm_of(key.get()), .material = std::string(pem)};
}

}  // namespace ordercast::auth
