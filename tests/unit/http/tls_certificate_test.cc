#include "http/tls_certificate.h"

#include <openssl/evp.h>
#include <openssl/pem.h>

#include <catch2/catch.hpp>
#include <cstdio>
#include <filesystem>
#include <fstream>
#include <memory>
#include <string>

#include "support/http_client.h"
#include "support/temp_dir.h"
#include "support/test_certificate.h"
#include "support/test_site.h"
#include "support/tls_connection.h"

namespace ordercast::testing {
namespace {

using Catch::Contains;
using http::TlsCertificate;
using http::TlsError;
using http::TlsFiles;

TlsFiles named(const CertificateFiles& files) {
  return {.certificate = files.certificate, .key = files.key};
}

std::string shown_by(TestSite& site) {
  return TlsConnection(RawConnection(site.port())).common_name();
}

// A key that asks for a password.
void lock_key(const std::filesystem::path& path) {
  const std::unique_ptr<EVP_PKEY, decltype(&EVP_PKEY_free)> key(EVP_EC_gen("P-256"), EVP_PKEY_free);
  const std::unique_ptr<std::FILE, decltype(&std::fclose)> file(std::fopen(path.c_str(), "w"),
                                                                std::fclose);
  char password[] = "secret";
  REQUIRE(PEM_write_PKCS8PrivateKey(file.get(), key.get(), EVP_aes_128_cbc(), password,
                                    sizeof password - 1, nullptr, nullptr) == 1);
}

}  // namespace

TEST_CASE("Each connection is shown the certificate that was read last") {
  const TempDir folder;
  const auto files = make_certificate(folder.path(), "first.example");
  const auto certificate = std::make_shared<TlsCertificate>(named(files));
  CHECK_THAT(certificate->describe(), Contains("CN=first.example, valid until "));
  http::ServerOptions options;
  options.tls = certificate;
  options.request_timeout = kPatience;  // of who waits until the certificate has changed
  TestSite site(options);
  TlsConnection open{RawConnection(site.port())};
  CHECK(open.common_name() == "first.example");

  make_certificate(folder.path(), "second.example");
  CHECK(shown_by(site) == "first.example");
  certificate->reload();
  CHECK(shown_by(site) == "second.example");
  CHECK_THAT(certificate->describe(), Contains("CN=second.example"));
  // Who came before goes on with what he was shown.
  open.send("GET /echo HTTP/1.1\r\nHost: x\r\n\r\n");
  CHECK_THAT(open.read_to_end(), Contains("200 OK"));

  std::ofstream(files.certificate) << "half a certi";
  CHECK_THROWS_AS(certificate->reload(), TlsError);
  CHECK(shown_by(site) == "second.example");
}

TEST_CASE("What is wrong with the files is said in words") {
  const TempDir folder;
  const TempDir other_folder;
  const auto files = make_certificate(folder.path(), "shop.example");
  const auto other = make_certificate(other_folder.path(), "shop.example");
  const auto missing = folder.path() / "missing.pem";

  CHECK_THROWS_WITH(TlsCertificate({missing, files.key}),
                    Contains(missing.string() + ": No such file"));
  CHECK_THROWS_WITH(TlsCertificate({files.certificate, missing}),
                    Contains(missing.string() + ": No such file"));
  CHECK_THROWS_WITH(TlsCertificate({files.key, files.key}),
                    Contains(files.key.string() + ": a certificate in PEM was expected"));
  CHECK_THROWS_WITH(TlsCertificate({files.certificate, files.certificate}),
                    Contains("the private key of " + files.certificate.string() + " was expected"));
  CHECK_THROWS_WITH(TlsCertificate({files.certificate, other.key}),
                    Contains("the private key of") && Contains("key values mismatch"));
  lock_key(files.key);
  CHECK_THROWS_WITH(TlsCertificate({files.certificate, files.key}), Contains("without a password"));
}

}  // namespace ordercast::testing
