// A self-signed certificate and its key, in files of a folder, for TLS in tests. They are made anew
// each time; the files are replaced.
#pragma once

#include <filesystem>
#include <string>

namespace ordercast::testing {

struct CertificateFiles {
  std::filesystem::path certificate;
  std::filesystem::path key;
};

// Of a P-256 key, for that name. Throws std::runtime_error.
CertificateFiles make_certificate(const std::filesystem::path& folder, const std::string& name);

}  // namespace ordercast::testing
