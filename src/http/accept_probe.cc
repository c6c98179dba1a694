#include "http/accept_probe.h"

#include <netdb.h>
#include <poll.h>
#include <sys/socket.h>

#include <cerrno>
#include <memory>
#include <string_view>

namespace ordercast::http {
namespace {

constexpr std::string_view kQuestion =
    "GET /livez HTTP/1.1\r\nHost: localhost\r\nUser-Agent: ordercast-watchdog\r\n\r\n";

UniqueFd connect_to(const SocketAddress& address) {
  addrinfo hints{};
  hints.ai_flags = AI_NUMERICHOST | AI_NUMERICSERV;
  hints.ai_socktype = SOCK_STREAM;
  addrinfo* found = nullptr;
  const auto port = std::to_string(address.port);
  if (::getaddrinfo(address.host.c_str(), port.c_str(), &hints, &found) != 0) return {};
  const std::unique_ptr<addrinfo, decltype(&::freeaddrinfo)> owner(found, ::freeaddrinfo);
  UniqueFd fd(::socket(found->ai_family, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0));
  if (!fd) return {};
  if (::connect(fd.get(), found->ai_addr, found->ai_addrlen) != 0 && errno != EINPROGRESS) {
    return {};
  }
  return fd;
}

// Whether one of `events` comes.
bool becomes(int fd, short events, std::chrono::milliseconds limit) {
  pollfd entry{.fd = fd, .events = events, .revents = 0};
  int ready = 0;
  do {
    ready = ::poll(&entry, 1, static_cast<int>(limit.count()));
  } while (ready < 0 && errno == EINTR);
  return ready > 0;
}

}  // namespace

bool takes_connections(const SocketAddress& address, std::chrono::milliseconds limit) {
  const UniqueFd fd = connect_to(address);
  if (!fd) return false;
  // Half for a place in the queue of the listening socket, half for the way out of it.
  if (!becomes(fd.get(), POLLOUT, limit / 2)) return false;
  // A failure shows below: a reset is a reaction, and what never connected was no server.
  int error = 0;
  socklen_t length = sizeof error;
  ::getsockopt(fd.get(), SOL_SOCKET, SO_ERROR, &error, &length);
  if (error != 0) return error == ECONNRESET;
  (void)::send(fd.get(), kQuestion.data(), kQuestion.size(), MSG_NOSIGNAL);
  return becomes(fd.get(), POLLIN, limit / 2);
}

}  // namespace ordercast::http
