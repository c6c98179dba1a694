#include "http/tcp.h"

#include <arpa/inet.h>
#include <netdb.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <sys/socket.h>

#include <array>
#include <cerrno>
#include <cstring>
#include <memory>
#include <string_view>
#include <system_error>

#include "http/server.h"

namespace ordercast::http {
namespace {

using Addresses = std::unique_ptr<addrinfo, decltype(&::freeaddrinfo)>;

Addresses resolve(const std::string& host, std::uint16_t port) {
  addrinfo hints{};
  hints.ai_family = AF_UNSPEC;
  hints.ai_socktype = SOCK_STREAM;
  hints.ai_flags = AI_PASSIVE | AI_NUMERICSERV;
  addrinfo* found = nullptr;
  const int error = ::getaddrinfo(host.c_str(), std::to_string(port).c_str(), &hints, &found);
  if (error != 0) {
    throw ListenError("cannot listen on " + host + ": " + ::gai_strerror(error) +
                      ". Give a name or address of this machine, e.g. 127.0.0.1, ::1 or 0.0.0.0.");
  }
  return {found, ::freeaddrinfo};
}

std::string advice(int error, std::uint16_t port) {
  switch (error) {
    case EADDRINUSE:
      return ". Another program, perhaps another Ordercast, has the port: stop it, or choose "
             "another port (0 takes a free one).";
    case EACCES:
      return ". Ports below 1024 need CAP_NET_BIND_SERVICE: choose another than " +
             std::to_string(port) + ".";
    case EADDRNOTAVAIL:
      return ". This machine does not have the address.";
    default:
      return ".";
  }
}

// The listening socket, or none and errno.
UniqueFd try_listen(const addrinfo& address, int backlog) {
  UniqueFd fd(::socket(address.ai_family, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0));
  if (!fd) return fd;
  const int on = 1;
  ::setsockopt(fd.get(), SOL_SOCKET, SO_REUSEADDR, &on, sizeof(on));
  if (::bind(fd.get(), address.ai_addr, address.ai_addrlen) == 0 &&
      ::listen(fd.get(), backlog) == 0) {
    return fd;
  }
  const int error = errno;
  fd.reset();
  errno = error;
  return fd;
}

SocketAddress to_address(const sockaddr_storage& storage) {
  std::array<char, INET6_ADDRSTRLEN> text{};
  if (storage.ss_family == AF_INET) {
    const auto& v4 = reinterpret_cast<const sockaddr_in&>(storage);
    ::inet_ntop(AF_INET, &v4.sin_addr, text.data(), text.size());
    return {text.data(), ntohs(v4.sin_port)};
  }
  if (storage.ss_family == AF_INET6) {
    const auto& v6 = reinterpret_cast<const sockaddr_in6&>(storage);
    constexpr std::string_view kMapped = "::ffff:";
    ::inet_ntop(AF_INET6, &v6.sin6_addr, text.data(), text.size());
    std::string host = text.data();
    if (IN6_IS_ADDR_V4MAPPED(&v6.sin6_addr)) host.erase(0, kMapped.size());
    return {host, ntohs(v6.sin6_port)};
  }
  return {};
}

using NameCall = int (*)(int, sockaddr*, socklen_t*);

SocketAddress address_of(int fd, NameCall name_call) {
  sockaddr_storage storage{};
  socklen_t length = sizeof(storage);
  if (name_call(fd, reinterpret_cast<sockaddr*>(&storage), &length) != 0) return {};
  return to_address(storage);
}

}  // namespace

UniqueFd listen_on(const std::string& host, std::uint16_t port, int backlog) {
  const auto addresses = resolve(host, port);
  int error = EADDRNOTAVAIL;
  for (const addrinfo* address = addresses.get(); address != nullptr; address = address->ai_next) {
    if (UniqueFd fd = try_listen(*address, backlog)) return fd;
    error = errno;
    if (error == EADDRINUSE) break;
  }
  std::string reason = std::generic_category().message(error);
  if (error == EADDRINUSE) reason = "address in use";
  throw ListenError("cannot listen on " + to_string({host, port}) + ": " + reason +
                    advice(error, port));
}

void set_connection_options(int fd, std::chrono::milliseconds peer_timeout) {
  const int on = 1;
  // Streams have their own heartbeat; this is for connections that wait for nothing but the peer.
  const int idle_seconds = 60;
  const int user_timeout_ms = static_cast<int>(peer_timeout.count());
  ::setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &on, sizeof(on));
  ::setsockopt(fd, SOL_SOCKET, SO_KEEPALIVE, &on, sizeof(on));
  ::setsockopt(fd, IPPROTO_TCP, TCP_KEEPIDLE, &idle_seconds, sizeof(idle_seconds));
  ::setsockopt(fd, IPPROTO_TCP, TCP_USER_TIMEOUT, &user_timeout_ms, sizeof(user_timeout_ms));
}

SocketAddress local_address(int fd) {
  return address_of(fd, ::getsockname);
}
SocketAddress peer_address(int fd) {
  return address_of(fd, ::getpeername);
}

std::string to_string(const SocketAddress& address) {
  const bool v6 = address.host.find(':') != address.host.npos;
  return (v6 ? "[" + address.host + "]" : address.host) + ":" + std::to_string(address.port);
}

}  // namespace ordercast::http
