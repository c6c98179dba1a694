// The certificate and the key that a server shows, in files (PEM), and what it speaks with them:
// TLS 1.2 and 1.3, HTTP/1.1 by its name (ALPN, RFC 7301). Thread-safe.
#pragma once

#include <memory>
#include <stdexcept>
#include <string>

#include "base/mutex.h"
#include "http/tls_session.h"

namespace ordercast::http {

// What is wrong with the files, for the person who named them.
struct TlsError : std::runtime_error {
  using std::runtime_error::runtime_error;
};

struct TlsFiles {
  std::string certificate;  // first the server's own, then those that it depends on
  std::string key;          // without a password
};

class TlsCertificate {
 public:
  // Reads the files. Throws TlsError.
  explicit TlsCertificate(TlsFiles files);
  TlsCertificate(const TlsCertificate&) = delete;
  TlsCertificate& operator=(const TlsCertificate&) = delete;

  // Reads the files again, for connections from now on. Throws TlsError; then nothing has changed.
  void reload() EXCLUDES(mutex_);

  // The TLS of a connection that was accepted.
  [[nodiscard]] std::unique_ptr<TlsSession> accept(int fd) const EXCLUDES(mutex_);

  // Whom it is for, and until when: one line.
  [[nodiscard]] std::string describe() const EXCLUDES(mutex_);

 private:
  using Context = std::shared_ptr<ssl_ctx_st>;

  [[nodiscard]] Context context() const EXCLUDES(mutex_);

  const TlsFiles files_;
  mutable Mutex mutex_;
  Context context_ GUARDED_BY(mutex_);
};

}  // namespace ordercast::http
