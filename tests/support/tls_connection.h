// A client's TLS, on a connection to the server. It trusts whatever it is shown. Confined to one
// thread. All waiting has a deadline.
#pragma once

#include <sys/types.h>

#include <memory>
#include <stdexcept>
#include <string>
#include <string_view>
#include <vector>

#include "support/http_client.h"

extern "C" {
struct ssl_st;
}

namespace ordercast::testing {

// The server wanted no such connection.
struct HandshakeFailed : std::runtime_error {
  using std::runtime_error::runtime_error;
};

struct TlsClientOptions {
  int newest = 0;                           // TLS version at most, as TLS1_2_VERSION; 0: any
  std::vector<std::string> protocols = {};  // ALPN
};

class TlsConnection {
 public:
  // Throws HandshakeFailed.
  explicit TlsConnection(RawConnection connection, const TlsClientOptions& options = {});

  bool send(std::string_view bytes);
  // As recv(2); 0 also when the peer has cut the connection.
  ssize_t receive(char* buffer, std::size_t size);
  std::string read_to_end();
  // Through `mark`, together with what has come after it. Throws when the end comes before.
  std::string read_until(std::string_view mark);
  // Whether the peer has said that it is done, as opposed to a cut connection.
  [[nodiscard]] bool ended_properly() const;

  [[nodiscard]] std::string version() const;      // "TLSv1.3"
  [[nodiscard]] std::string protocol() const;     // of ALPN; empty: none
  [[nodiscard]] std::string common_name() const;  // of the certificate that was shown

  [[nodiscard]] RawConnection& raw() { return connection_; }

 private:
  struct Free {
    void operator()(ssl_st* ssl) const;
  };

  RawConnection connection_;
  std::unique_ptr<ssl_st, Free> ssl_;
};

// One request, one response.
[[nodiscard]] HttpResponse tls_fetch(std::uint16_t port, std::string_view method,
                                     std::string_view target,
                                     const std::vector<http::Header>& headers = {});

}  // namespace ordercast::testing
