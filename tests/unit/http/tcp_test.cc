// docs/security.md row 33, and what is set on sockets.
#include "http/tcp.h"

#include <netinet/in.h>
#include <netinet/tcp.h>
#include <sys/socket.h>

#include <catch2/catch.hpp>
#include <string>

#include "http/server.h"
#include "support/http_client.h"

namespace ordercast::http {
namespace {

int option(int fd, int level, int name) {
  int value = -1;
  socklen_t length = sizeof(value);
  ::getsockopt(fd, level, name, &value, &length);
  return value;
}

std::string failure(const std::string& host, std::uint16_t port) {
  try {
    const auto fd = listen_on(host, port, 1);
    return "";
  } catch (const ListenError& error) {
    return error.what();
  }
}

}  // namespace

TEST_CASE("a port that another server has is refused, with advice") {
  const auto first = listen_on("127.0.0.1", 0, 1);
  const auto port = local_address(first.get()).port;
  const auto message = failure("127.0.0.1", port);
  INFO(message);
  CHECK(message.find("address in use") != message.npos);
  CHECK(message.find("127.0.0.1:" + std::to_string(port)) != message.npos);
  CHECK(message.find("choose another port") != message.npos);
}

TEST_CASE("a name does not slip to its second address when the first is in use") {
  // localhost is ::1 and 127.0.0.1 on most machines: whichever comes first.
  const auto first = listen_on("localhost", 0, 1);
  const auto message = failure("localhost", local_address(first.get()).port);
  CHECK(message.find("address in use") != message.npos);
}

TEST_CASE("the port is never shared") {
  const auto fd = listen_on("127.0.0.1", 0, 1);
  CHECK(option(fd.get(), SOL_SOCKET, SO_REUSEPORT) == 0);
  CHECK(option(fd.get(), SOL_SOCKET, SO_REUSEADDR) == 1);
}

TEST_CASE("hosts that are none of ours are refused, with advice") {
  CHECK(failure("no-such-host.invalid", 0).find("cannot listen on no-such-host.invalid") == 0);
  // TEST-NET-1, RFC 5737: no machine has it.
  CHECK(failure("192.0.2.1", 0).find("This machine does not have the address") !=
        std::string::npos);
}

TEST_CASE("IPv6 addresses are listened on and written in brackets") {
  const auto fd = listen_on("::1", 0, 1);
  const auto address = local_address(fd.get());
  CHECK(address.host == "::1");
  CHECK(to_string(address) == "[::1]:" + std::to_string(address.port));
}

TEST_CASE("an IPv4 peer of an IPv6 socket has its plain address") {
  const auto listening = listen_on("::", 0, 1);
  const testing::RawConnection client(local_address(listening.get()).port, "127.0.0.1");
  UniqueFd server;
  while (!server) server.reset(::accept4(listening.get(), nullptr, nullptr, SOCK_CLOEXEC));
  CHECK(peer_address(server.get()).host == "127.0.0.1");
}

TEST_CASE("accepted sockets send small events at once and notice a peer that vanished") {
  const auto listening = listen_on("127.0.0.1", 0, 1);
  const testing::RawConnection client(local_address(listening.get()).port);
  UniqueFd server;
  while (!server) server.reset(::accept4(listening.get(), nullptr, nullptr, SOCK_CLOEXEC));
  set_connection_options(server.get(), std::chrono::milliseconds(20'000));
  CHECK(option(server.get(), IPPROTO_TCP, TCP_NODELAY) == 1);
  CHECK(option(server.get(), SOL_SOCKET, SO_KEEPALIVE) == 1);
  CHECK(option(server.get(), IPPROTO_TCP, TCP_USER_TIMEOUT) == 20'000);
}

}  // namespace ordercast::http
