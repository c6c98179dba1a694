// The options of `serve` and `demo` for HTTPS without a proxy. Value type.
#pragma once

#include <CLI/CLI.hpp>
#include <memory>
#include <string>

#include "http/tls_certificate.h"

namespace ordercast::app {

struct TlsOptions {
  std::string certificate;
  std::string key;

  void add_to(CLI::App& command);
  [[nodiscard]] bool given() const { return !certificate.empty() || !key.empty(); }
  // Null when nothing is given. Throws std::invalid_argument and http::TlsError with what to do.
  [[nodiscard]] std::shared_ptr<http::TlsCertificate> load() const;
};

}  // namespace ordercast::app
