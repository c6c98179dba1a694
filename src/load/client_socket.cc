#include "load/client_socket.h"

#include <arpa/inet.h>
#include <fmt/format.h>
#include <netinet/in.h>
#include <sys/socket.h>

#include <cerrno>
#include <system_error>

namespace ordercast::load {

std::string error_text(int error) {
  return std::generic_category().message(error);
}

UniqueFd begin_connecting(const std::string& address, std::uint16_t port, int& error) {
  UniqueFd connection(::socket(AF_INET, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0));
  if (!connection) throw LoadError("socket: " + error_text(errno));
  sockaddr_in peer{};
  peer.sin_family = AF_INET;
  peer.sin_port = htons(port);
  if (::inet_pton(AF_INET, address.c_str(), &peer.sin_addr) != 1) {
    throw LoadError(fmt::format("'{}' is not a numeric IPv4 address", address));
  }
  const int failed =
      ::connect(connection.get(), reinterpret_cast<const sockaddr*>(&peer), sizeof peer);
  error = failed != 0 && errno != EINPROGRESS ? errno : 0;
  return connection;
}

int connect_error(const UniqueFd& socket) {
  int error = 0;
  socklen_t size = sizeof error;
  ::getsockopt(socket.get(), SOL_SOCKET, SO_ERROR, &error, &size);
  return error;
}

void reset_at_close(const UniqueFd& socket) {
  const linger at_once{.l_onoff = 1, .l_linger = 0};
  ::setsockopt(socket.get(), SOL_SOCKET, SO_LINGER, &at_once, sizeof at_once);
}

}  // namespace ordercast::load
