#include "auth/key_file.h"

#include <openssl/evp.h>
#include <openssl/pem.h>
#include <openssl/x509.h>

#include <catch2/catch.hpp>
#include <string>

#include "core/base64url.h"
#include "support/temp_dir.h"
#include "support/test_keys.h"

namespace ordercast::auth {
namespace {

using namespace testing;
using Catch::Contains;

// What is said of a file with this text.
std::string refusal(const std::string& text,
                    std::filesystem::perms permissions = std::filesystem::perms(0600)) {
  const TempDir dir;
  const auto path = dir.path() / "key";
  write_private(path, text);
  std::filesystem::permissions(path, permissions);
  try {
    (void)read_key_file(path);
  } catch (const KeyError& error) {
    CHECK_THAT(error.what(), Contains(path.string()));
    return error.what();
  }
  return {};
}

std::string pem_of(EVP_PKEY* key) {
  BIO* bio = BIO_new(BIO_s_mem());
  PEM_write_bio_PUBKEY(bio, key);
  EVP_PKEY_free(key);
  char* data = nullptr;
  const auto size = BIO_get_mem_data(bio, &data);
  std::string text(data, static_cast<std::size_t>(size));
  BIO_free(bio);
  return text;
}

std::string der_of(const std::string& pem) {
  BIO* bio = BIO_new_mem_buf(pem.data(), static_cast<int>(pem.size()));
  EVP_PKEY* key = PEM_read_bio_PUBKEY(bio, nullptr, nullptr, nullptr);
  unsigned char* out = nullptr;
  const int size = i2d_PUBKEY(key, &out);
  std::string der(reinterpret_cast<char*>(out), static_cast<std::size_t>(size));
  OPENSSL_free(out);
  EVP_PKEY_free(key);
  BIO_free(bio);
  return der;
}

TEST_CASE("A file of keys is known by what is in it", "[key_file]") {
  const TempDir dir;
  const auto read = [&](const std::string& text) {
    write_private(dir.path() / "key", text);
    return read_key_file(dir.path() / "key");
  };
  CHECK(read(rsa_pair().public_pem).at(0).algorithm == Algorithm::kRs256);
  CHECK(read(p256_pair().public_pem).at(0).algorithm == Algorithm::kEs256);
  CHECK(read(rsa_pair().public_pem + p256_pair().public_pem).size() == 2);
  const auto secret = read(std::string(32, 's') + "\n");
  CHECK(secret.at(0).algorithm == Algorithm::kHs256);
  CHECK(secret.at(0).material == std::string(32, 's'));
  const auto set = read(jwks_of("a", "b"));
  REQUIRE(set.size() == 2);
  CHECK(set[0].id == "a");
  CHECK(set[0].material == rsa_pair().public_pem);
  CHECK(set[1].id == "b");
  CHECK(set[1].material == p256_pair().public_pem);
  // What a set has for others is left alone.
  auto more = nlohmann::json::parse(jwks_of("a", "b"));
  more["keys"].push_back({{"kty", "OKP"}, {"crv", "Ed25519"}, {"x", "AA"}});
  more["keys"].push_back({{"kty", "RSA"}, {"use", "enc"}, {"n", "AA"}, {"e", "AQAB"}});
  more["keys"].push_back({{"kty", "RSA"}, {"alg", "RS512"}, {"n", "AA"}, {"e", "AQAB"}});
  CHECK(read(more.dump()).size() == 2);
}

TEST_CASE("What is no key, or a weak one, is refused with what to do", "[key_file]") {
  CHECK_THAT(refusal(""), Contains("0 bytes is too weak"));
  CHECK_THAT(refusal(std::string(31, 's') + "\n"), Contains("31 bytes is too weak"));
  CHECK_THAT(refusal(rsa_pair().secret.material), Contains("private key"));
  CHECK_THAT(refusal("-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n"),
             Contains("openssl x509"));
  CHECK_THAT(refusal("-----BEGIN PUBLIC KEY-----\nAAAA\n-----END PUBLIC KEY-----\n"),
             Contains("no public key"));
  CHECK_THAT(refusal(pem_of(EVP_RSA_gen(1024))), Contains("2048"));
  CHECK_THAT(refusal(pem_of(EVP_EC_gen("P-384"))), Contains("P-256"));
  CHECK_THAT(refusal(pem_of(EVP_PKEY_Q_keygen(nullptr, nullptr, "ED25519"))),
             Contains("Ed25519 is not"));
  // Anybody may know these: they are no secrets.
  CHECK_THAT(refusal(der_of(rsa_pair().public_pem)), Contains("DER"));
  CHECK_THAT(refusal("ssh-rsa AAAAB3NzaC1yc2EAAAADAQABAAABAQDf me@here"), Contains("SSH"));
}

TEST_CASE("A set that is none, or broken, is refused", "[key_file]") {
  for (const auto* text :
       {"{", "{}", R"({"keys":{}})", R"({"keys":[]})", R"({"keys":[1]})",
        R"({"keys":[],"keys":[]})", R"({"kty":"OKP"})", R"({"kty":"RSA","n":"AA","e":"AQAB"})",
        R"({"kty":"RSA","n":"!","e":""})", R"({"kty":"EC","crv":"P-256","x":"AA","y":"AA"})",
        R"({"kty":"oct","k":"c2hvcnQ"})"}) {
    INFO(text);
    CHECK_FALSE(refusal(text).empty());
  }
  const auto off_curve = base64url_encode(std::string(32, '\1'));
  CHECK_FALSE(
      refusal(R"({"kty":"EC","crv":"P-256","x":")" + off_curve + R"(","y":")" + off_curve + "\"}")
          .empty());
  CHECK_THAT(refusal(jwks_of("same", "same")), Contains("one kid"));
  auto private_set = nlohmann::json::parse(jwks_of("a", "b"));
  private_set["keys"][1]["d"] = "AA";
  CHECK_THAT(refusal(private_set.dump()), Contains("private"));
}

TEST_CASE("Who may read a secret, or change a key, is looked at", "[key_file]") {
  using std::filesystem::perms;
  const std::string secret(32, 's');
  const auto set = R"({"kty":"oct","k":")" + base64url_encode(secret) + "\"}";
  CHECK_THAT(refusal(secret, perms(0644)), Contains("chmod o-r"));
  CHECK_THAT(refusal(set, perms(0644)), Contains("chmod o-r"));
  CHECK(refusal(secret, perms(0640)).empty());
  CHECK(refusal(set, perms(0640)).empty());
  CHECK(refusal(rsa_pair().public_pem, perms(0644)).empty());
  CHECK_THAT(refusal(rsa_pair().public_pem, perms(0666)), Contains("chmod o-w"));
  CHECK_THROWS_AS(read_key_file("/nonexistent"), KeyError);
}

TEST_CASE("A signing key is a private one, or a secret, and nobody else's", "[key_file]") {
  const TempDir dir;
  const auto path = dir.path() / "key";
  write_private(path, rsa_pair().secret.material);
  CHECK(read_signing_key(path).algorithm == Algorithm::kRs256);
  std::filesystem::permissions(path, std::filesystem::perms(0644));
  CHECK_THROWS_AS(read_signing_key(path), KeyError);
  write_private(dir.path() / "public", rsa_pair().public_pem);
  CHECK_THROWS_AS(read_signing_key(dir.path() / "public"), KeyError);
}

}  // namespace
}  // namespace ordercast::auth
