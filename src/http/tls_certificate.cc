#include "http/tls_certificate.h"

#include <fcntl.h>
#include <openssl/bio.h>
#include <openssl/err.h>
#include <openssl/ssl.h>
#include <openssl/x509.h>

#include <cerrno>
#include <cstdio>
#include <new>
#include <system_error>
#include <utility>

#include "base/unique_fd.h"

namespace ordercast::http {
namespace {

constexpr unsigned char kHttp11[] = {8, 'h', 't', 't', 'p', '/', '1', '.', '1'};

// A client that names protocols, and not ours, would not understand us. One that names none asks
// for HTTP/1.1 as ever.
int choose_protocol(SSL* /*ssl*/, const unsigned char** chosen, unsigned char* length,
                    const unsigned char* offered, unsigned int offered_length, void* /*argument*/) {
  unsigned char* found = nullptr;
  const int result =
      SSL_select_next_proto(&found, length, kHttp11, sizeof kHttp11, offered, offered_length);
  *chosen = found;
  return result == OPENSSL_NPN_NEGOTIATED ? SSL_TLSEXT_ERR_OK : SSL_TLSEXT_ERR_ALERT_FATAL;
}

// Else OpenSSL would ask for it on the terminal.
int no_password(char* /*buffer*/, int /*size*/, int /*writing*/, void* /*argument*/) {
  return -1;
}

void require_readable(const std::string& path) {
  if (const UniqueFd fd(::open(path.c_str(), O_RDONLY | O_CLOEXEC)); fd) return;
  throw TlsError(path + ": " + std::generic_category().message(errno));
}

// The deepest of OpenSSL's reasons: those above it only say where it was met.
[[noreturn]] void refuse(const std::string& path, const std::string& expected) {
  const auto error = ERR_peek_error();
  ERR_clear_error();
  const char* reason = ERR_reason_error_string(error);
  throw TlsError(path + ": " + expected + (reason == nullptr ? "" : std::string(": ") + reason));
}

std::shared_ptr<SSL_CTX> empty_context() {
  const std::shared_ptr<SSL_CTX> context(SSL_CTX_new(TLS_server_method()), SSL_CTX_free);
  if (!context) throw std::bad_alloc();
  SSL_CTX_set_min_proto_version(context.get(), TLS1_2_VERSION);
  // A record at a time, so that little waits for a full socket; buffers only while they are used.
  SSL_CTX_set_mode(context.get(), SSL_MODE_ENABLE_PARTIAL_WRITE | SSL_MODE_RELEASE_BUFFERS);
  // A client that sends records without data shall not keep a thread from its deadline.
  SSL_CTX_clear_mode(context.get(), SSL_MODE_AUTO_RETRY);
  // Clients keep their sessions themselves (tickets), and nothing is kept here for those that went.
  SSL_CTX_set_session_cache_mode(context.get(), SSL_SESS_CACHE_OFF);
  SSL_CTX_set_alpn_select_cb(context.get(), choose_protocol, nullptr);
  SSL_CTX_set_default_passwd_cb(context.get(), no_password);
  return context;
}

std::shared_ptr<SSL_CTX> load(const TlsFiles& files) {
  auto context = empty_context();
  require_readable(files.certificate);
  require_readable(files.key);
  ERR_clear_error();
  if (SSL_CTX_use_certificate_chain_file(context.get(), files.certificate.c_str()) != 1) {
    refuse(files.certificate, "a certificate in PEM was expected");
  }
  if (SSL_CTX_use_PrivateKey_file(context.get(), files.key.c_str(), SSL_FILETYPE_PEM) != 1) {
    refuse(files.key, "the private key of " + files.certificate +
                          " was expected, in PEM and without a password");
  }
  return context;
}

std::string text_of(BIO* bio) {
  char* data = nullptr;
  const auto size = BIO_get_mem_data(bio, &data);
  return {data, static_cast<std::size_t>(size)};
}

}  // namespace

TlsCertificate::TlsCertificate(TlsFiles files) : files_(std::move(files)), context_(load(files_)) {}

void TlsCertificate::reload() {
  auto loaded = load(files_);
  const MutexLock lock(mutex_);
  context_ = std::move(loaded);
}

std::unique_ptr<TlsSession> TlsCertificate::accept(int fd) const {
  return std::make_unique<TlsSession>(context().get(), fd);
}

TlsCertificate::Context TlsCertificate::context() const {
  const MutexLock lock(mutex_);
  return context_;
}

std::string TlsCertificate::describe() const {
  const auto shown = context();
  const X509* certificate = SSL_CTX_get0_certificate(shown.get());
  const std::unique_ptr<BIO, decltype(&BIO_free)> text(BIO_new(BIO_s_mem()), BIO_free);
  if (!text) throw std::bad_alloc();
  X509_NAME_print_ex(text.get(), X509_get_subject_name(certificate), 0, XN_FLAG_RFC2253);
  BIO_puts(text.get(), ", valid until ");
  ASN1_TIME_print(text.get(), X509_get0_notAfter(certificate));
  return text_of(text.get());
}

}  // namespace ordercast::http
