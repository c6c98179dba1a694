#include "app/tls_options.h"

#include <stdexcept>

namespace ordercast::app {

void TlsOptions::add_to(CLI::App& command) {
  command
      .add_option("--tls-cert", certificate,
                  "speak HTTPS, with the certificate of this file (PEM: the server's, then those "
                  "that it depends on); read again on SIGHUP")
      ->type_name("FILE")
      ->envname("ORDERCAST_TLS_CERT");
  command.add_option("--tls-key", key, "the key of --tls-cert (PEM); read again on SIGHUP")
      ->type_name("FILE")
      ->envname("ORDERCAST_TLS_KEY");
}

std::shared_ptr<http::TlsCertificate> TlsOptions::load() const {
  if (!given()) return nullptr;
  if (certificate.empty() || key.empty()) {
    throw std::invalid_argument("--tls-cert and --tls-key belong together: give both, or neither");
  }
  return std::make_shared<http::TlsCertificate>(
      http::TlsFiles{.certificate = certificate, .key = key});
}

}  // namespace ordercast::app
