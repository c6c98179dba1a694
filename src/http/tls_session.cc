#include "http/tls_session.h"

#include <openssl/bio.h>
#include <openssl/err.h>
#include <openssl/ssl.h>

#include <cerrno>
#include <exception>
#include <new>

#include "http/socket_io.h"

namespace ordercast::http {
namespace {

// OpenSSL asks for it, and is content with it, after each flight of the handshake.
long control(BIO* /*bio*/, int command, long /*number*/, void* /*pointer*/) {
  return command == BIO_CTRL_FLUSH ? 1 : 0;
}

}  // namespace

void TlsSession::Free::operator()(ssl_st* ssl) const noexcept {
  SSL_free(ssl);
}

const bio_method_st* TlsSession::bio_method() {
  static const BIO_METHOD* const method = [] {
    BIO_METHOD* made = BIO_meth_new(BIO_get_new_index() | BIO_TYPE_SOURCE_SINK, "socket");
    if (made == nullptr) throw std::bad_alloc();
    BIO_meth_set_read(made, read_socket);
    BIO_meth_set_write(made, write_socket);
    BIO_meth_set_ctrl(made, control);
    return made;
  }();
  return method;
}

TlsSession::TlsSession(ssl_ctx_st* context, int fd) : fd_(fd), ssl_(SSL_new(context)) {
  BIO* bio = BIO_new(bio_method());
  if (!ssl_ || bio == nullptr) {
    BIO_free(bio);
    throw std::bad_alloc();
  }
  BIO_set_data(bio, this);
  BIO_set_init(bio, 1);
  SSL_set_bio(ssl_.get(), bio, bio);
  SSL_set_accept_state(ssl_.get());
}

int TlsSession::read_socket(bio_st* bio, char* buffer, int size) noexcept {
  const auto& session = *static_cast<TlsSession*>(BIO_get_data(bio));
  BIO_clear_retry_flags(bio);
  const ssize_t got = http::receive_now(session.fd_, buffer, static_cast<std::size_t>(size));
  if (got < 0 && errno == EAGAIN) BIO_set_retry_read(bio);
  return static_cast<int>(got);
}

// Takes all, so that OpenSSL never has to be given the same bytes again.
int TlsSession::write_socket(bio_st* bio, const char* bytes, int size) noexcept try {
  auto& session = *static_cast<TlsSession*>(BIO_get_data(bio));
  BIO_clear_retry_flags(bio);
  std::string_view rest(bytes, static_cast<std::size_t>(size));
  if (session.unsent_.empty()) {
    const ssize_t sent = http::send_now(session.fd_, rest);
    if (sent < 0 && errno != EAGAIN) return -1;
    if (sent > 0) rest.remove_prefix(static_cast<std::size_t>(sent));
  }
  session.unsent_.append(rest);
  return size;
} catch (const std::exception&) {
  return -1;  // out of memory, in the middle of a record: the connection is lost
}

bool TlsSession::flush() noexcept {
  while (!unsent_.empty()) {
    const ssize_t sent = http::send_now(fd_, unsent_);
    if (sent < 0) return false;
    unsent_.erase(0, static_cast<std::size_t>(sent));
  }
  return true;
}

ssize_t TlsSession::fail(int result) noexcept {
  const int why = SSL_get_error(ssl_.get(), result);
  ERR_clear_error();
  if (why == SSL_ERROR_ZERO_RETURN) return 0;
  broken_ = why != SSL_ERROR_WANT_READ;
  errno = broken_ ? EPIPE : EAGAIN;
  return -1;
}

ssize_t TlsSession::receive_now(char* buffer, std::size_t size) noexcept {
  if (broken_) return errno = EPIPE, -1;
  if (!flush() && errno != EAGAIN) return -1;
  ERR_clear_error();
  std::size_t got = 0;
  const int result = SSL_read_ex(ssl_.get(), buffer, size, &got);
  return result == 1 ? static_cast<ssize_t>(got) : fail(result);
}

bool TlsSession::has_more() const noexcept {
  return SSL_pending(ssl_.get()) > 0;
}

ssize_t TlsSession::send_now(std::string_view bytes) noexcept {
  if (broken_) return errno = EPIPE, -1;
  if (!flush()) return -1;
  std::size_t taken = 0;
  if (byte_owed_ && !bytes.empty()) {
    byte_owed_ = false;
    taken = 1;
  }
  while (taken < bytes.size()) {
    ERR_clear_error();
    std::size_t written = 0;  // of a record, at most 16 KiB
    const int result =
        SSL_write_ex(ssl_.get(), bytes.data() + taken, bytes.size() - taken, &written);
    if (result != 1) return static_cast<void>(fail(result)), -1;
    taken += written;
    if (unsent_.empty()) continue;
    byte_owed_ = true;
    if (--taken > 0) break;
    return errno = EAGAIN, -1;
  }
  return static_cast<ssize_t>(taken);
}

void TlsSession::end_sending() noexcept {
  if (broken_ || SSL_is_init_finished(ssl_.get()) == 0) return;
  ERR_clear_error();
  static_cast<void>(SSL_shutdown(ssl_.get()));
  ERR_clear_error();
}

}  // namespace ordercast::http
