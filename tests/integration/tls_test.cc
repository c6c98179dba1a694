// A node that speaks HTTPS itself: changes reach its clients, SIGHUP reads the certificate again,
// and what is wrong with the files is said at the start.
#include <openssl/ssl.h>

#include <catch2/catch.hpp>
#include <csignal>
#include <filesystem>
#include <fstream>
#include <string>
#include <vector>

#include "support/eventually.h"
#include "support/http_client.h"
#include "support/node.h"
#include "support/orders_table.h"
#include "support/temp_dir.h"
#include "support/test_certificate.h"
#include "support/test_keys.h"
#include "support/tls_connection.h"

namespace ordercast {
namespace {

using namespace testing;
using Catch::Contains;

const std::string kStream = "GET /v1/streams/orders HTTP/1.1\r\nHost: localhost\r\n\r\n";

class TlsNode {
 public:
  explicit TlsNode(OrdersTable& table, const std::vector<std::string>& more = {},
                   const TestProcessOptions& options = {})
      : files(make_certificate(folder.path(), "first.example")),
        node(command(table, files, more), options) {
    REQUIRE(eventually([&] { return tls_fetch(node.port(), "GET", "/readyz").status == 200; }));
  }

  [[nodiscard]] std::string shown() const {
    return TlsConnection(RawConnection(node.port())).common_name();
  }
  [[nodiscard]] bool says(const std::string& text) {
    return eventually([&] { return node.process().stderr_text().find(text) != text.npos; });
  }

  TempDir folder;
  CertificateFiles files;
  ServedNode node;

 private:
  static std::vector<std::string> command(OrdersTable& table, const CertificateFiles& files,
                                          const std::vector<std::string>& more) {
    std::vector<std::string> words = {"serve",      "--database",      table.database().url(),
                                      "--tls-cert", files.certificate, "--tls-key",
                                      files.key};
    words.insert(words.end(), more.begin(), more.end());
    return words;
  }
};

TEST_CASE("Changes go through TLS, and a new certificate takes effect on SIGHUP") {
  OrdersTable table;
  TlsNode tls(table);
  CHECK_THAT(tls.node.url(), Catch::StartsWith("https://127.0.0.1:"));
  TlsConnection client{RawConnection(tls.node.port())};
  client.send(kStream);
  client.read_until("event: hello");
  table.exec("INSERT INTO orders VALUES (1, 1, 'new', 1, 'first')");
  client.read_until("first");

  make_certificate(tls.folder.path(), "second.example");
  CHECK(tls.shown() == "first.example");
  tls.node.process().signal(SIGHUP);
  CHECK(eventually([&] { return tls.shown() == "second.example"; }));

  std::ofstream(tls.files.key) << "no key";
  tls.node.process().signal(SIGHUP);
  CHECK(tls.says("the certificate that there was stays"));
  CHECK(tls.shown() == "second.example");
  // Who came before both is still there.
  table.exec("INSERT INTO orders VALUES (2, 1, 'new', 1, 'second')");
  client.read_until("second");

  tls.node.process().signal(SIGINT);
  client.read_to_end();
  CHECK(client.ended_properly());
}

TEST_CASE(
    "Old versions of TLS are refused, also on a machine whose OpenSSL is told to speak them") {
  const TempDir folder;
  const auto lenient = folder.path() / "openssl.cnf";
  std::ofstream(lenient) << "openssl_conf = all\n[all]\nssl_conf = ssl\n"
                            "[ssl]\nsystem_default = lenient\n"
                            "[lenient]\nMinProtocol = TLSv1\nCipherString = ALL:@SECLEVEL=0\n";
  OrdersTable table;
  TlsNode tls(table, {}, {.environment = {{"OPENSSL_CONF", lenient}}});
  const auto spoken = [&](int newest) {
    return TlsConnection(RawConnection(tls.node.port()), {.newest = newest}).version();
  };
  CHECK(spoken(TLS1_2_VERSION) == "TLSv1.2");
  CHECK_THROWS_AS(spoken(TLS1_1_VERSION), HandshakeFailed);
  CHECK_THROWS_AS(spoken(TLS1_VERSION), HandshakeFailed);
}

TEST_CASE("Cookies of sessions are for TLS alone") {
  OrdersTable table;
  const TempDir keys;
  const auto secret = keys.path() / "secret";
  write_private(secret, hmac_secret().material);
  TlsNode tls(table, {"--jwt-key", secret});
  const auto answer =
      tls_fetch(tls.node.port(), "POST", "/v1/session",
                {{"Authorization", "Bearer " + token_of(hmac_secret(), good_claims())}});
  CHECK(answer.status == 204);
  REQUIRE(answer.header("Set-Cookie"));
  CHECK_THAT(std::string(*answer.header("Set-Cookie")),
             Catch::StartsWith("__Host-ordercast=") && Contains("; Secure"));
  // Whether a site is HTTPS for ever is its owner's to say.
  CHECK(!answer.header("Strict-Transport-Security"));
}

TEST_CASE("A pair of files that is none ends the start, with what to do") {
  const TempDir folder;
  const TempDir other_folder;
  const auto files = make_certificate(folder.path(), "a.example");
  const auto other = make_certificate(other_folder.path(), "a.example");
  const auto start = [](const std::vector<std::string>& options) {
    std::vector<std::string> words = {"serve", "--listen", "127.0.0.1:0"};
    words.insert(words.end(), options.begin(), options.end());
    const auto result = run_ordercast(words);
    CHECK(result.code == 1);
    return result.err;
  };
  CHECK_THAT(start({"--tls-cert", files.certificate}), Contains("belong together"));
  CHECK_THAT(start({"--tls-key", files.key}), Contains("belong together"));
  CHECK_THAT(start({"--tls-cert", files.certificate, "--tls-key", other.key}),
             Contains(other.key.string()) && Contains("key values mismatch"));
}

}  // namespace
}  // namespace ordercast
