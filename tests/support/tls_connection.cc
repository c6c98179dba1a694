#include "support/tls_connection.h"

#include <fmt/format.h>
#include <openssl/err.h>
#include <openssl/ssl.h>
#include <openssl/x509.h>
#include <sys/socket.h>

#include <array>
#include <csignal>
#include <utility>

namespace ordercast::testing {
namespace {

// OpenSSL writes to sockets without MSG_NOSIGNAL.
void survive_peers_that_go() {
  std::signal(SIGPIPE, SIG_IGN);
}

std::string alpn_list(const std::vector<std::string>& protocols) {
  std::string list;
  for (const auto& protocol : protocols) list += static_cast<char>(protocol.size()) + protocol;
  return list;
}

}  // namespace

void TlsConnection::Free::operator()(ssl_st* ssl) const {
  SSL_free(ssl);
}

TlsConnection::TlsConnection(RawConnection connection, const TlsClientOptions& options)
    : connection_(std::move(connection)) {
  survive_peers_that_go();
  const ::timeval patience{.tv_sec = std::chrono::seconds(kPatience).count(), .tv_usec = 0};
  ::setsockopt(connection_.fd(), SOL_SOCKET, SO_RCVTIMEO, &patience, sizeof(patience));
  const std::unique_ptr<SSL_CTX, decltype(&SSL_CTX_free)> context(SSL_CTX_new(TLS_client_method()),
                                                                  SSL_CTX_free);
  // Old versions, too: that they are refused is the server's doing.
  SSL_CTX_set_security_level(context.get(), 0);
  SSL_CTX_set_min_proto_version(context.get(), TLS1_VERSION);
  SSL_CTX_set_max_proto_version(context.get(), options.newest);
  ssl_.reset(SSL_new(context.get()));
  if (const auto list = alpn_list(options.protocols); !list.empty()) {
    SSL_set_alpn_protos(ssl_.get(), reinterpret_cast<const unsigned char*>(list.data()),
                        static_cast<unsigned>(list.size()));
  }
  SSL_set_fd(ssl_.get(), connection_.fd());
  ERR_clear_error();
  if (SSL_connect(ssl_.get()) == 1) return;
  const char* reason = ERR_reason_error_string(ERR_peek_error());
  throw HandshakeFailed(reason == nullptr ? "the connection has ended" : reason);
}

bool TlsConnection::send(std::string_view bytes) {
  ERR_clear_error();
  return SSL_write(ssl_.get(), bytes.data(), static_cast<int>(bytes.size())) > 0;
}

ssize_t TlsConnection::receive(char* buffer, std::size_t size) {
  ERR_clear_error();
  const int got = SSL_read(ssl_.get(), buffer, static_cast<int>(size));
  return got > 0 ? got : 0;
}

std::string TlsConnection::read_to_end() {
  std::string all;
  std::array<char, 4096> buffer;
  while (const ssize_t got = receive(buffer.data(), buffer.size())) {
    all.append(buffer.data(), static_cast<std::size_t>(got));
  }
  return all;
}

std::string TlsConnection::read_until(std::string_view mark) {
  std::string all;
  std::array<char, 4096> buffer;
  while (all.find(mark) == all.npos) {
    const ssize_t got = receive(buffer.data(), buffer.size());
    if (got == 0) throw std::runtime_error(fmt::format("no '{}' in '{}'", mark, all));
    all.append(buffer.data(), static_cast<std::size_t>(got));
  }
  return all;
}

bool TlsConnection::ended_properly() const {
  return (SSL_get_shutdown(ssl_.get()) & SSL_RECEIVED_SHUTDOWN) != 0;
}

std::string TlsConnection::version() const {
  return SSL_get_version(ssl_.get());
}

std::string TlsConnection::protocol() const {
  const unsigned char* name = nullptr;
  unsigned length = 0;
  SSL_get0_alpn_selected(ssl_.get(), &name, &length);
  return {reinterpret_cast<const char*>(name), length};
}

std::string TlsConnection::common_name() const {
  const std::unique_ptr<X509, decltype(&X509_free)> shown(SSL_get1_peer_certificate(ssl_.get()),
                                                          X509_free);
  std::array<char, 256> name{};
  X509_NAME_get_text_by_NID(X509_get_subject_name(shown.get()), NID_commonName, name.data(),
                            static_cast<int>(name.size()));
  return name.data();
}

HttpResponse tls_fetch(std::uint16_t port, std::string_view method, std::string_view target,
                       const std::vector<http::Header>& headers) {
  TlsConnection connection{RawConnection(port)};
  auto request = fmt::format("{} {} HTTP/1.1\r\nHost: localhost\r\n", method, target);
  for (const auto& [name, value] : headers) request += fmt::format("{}: {}\r\n", name, value);
  connection.send(request + "\r\n");
  auto responses = parse_responses(connection.read_to_end());
  if (responses.size() != 1) throw std::runtime_error("one response was expected");
  return std::move(responses[0]);
}

}  // namespace ordercast::testing
