#include "support/private_network.h"

#include <arpa/inet.h>
#include <fcntl.h>
#include <fmt/format.h>
#include <net/if.h>
#include <sched.h>
#include <sys/ioctl.h>
#include <sys/socket.h>

#include <cerrno>
#include <cstring>
#include <stdexcept>

#include "support/child_process.h"

namespace ordercast::testing {
namespace {

constexpr const char* kTable = "ordercast_test";

void require(bool succeeded, const char* what) {
  if (!succeeded) {
    throw std::runtime_error(
        fmt::format("a network of our own, which needs root: {}: {}", what, std::strerror(errno)));
  }
}

void bring_loopback_up() {
  const UniqueFd any(::socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0));
  ifreq request{};
  std::strcpy(request.ifr_name, "lo");
  request.ifr_flags = IFF_UP;
  require(::ioctl(any.get(), SIOCSIFFLAGS, &request) == 0, "loopback");
}

}  // namespace

PrivateNetwork::PrivateNetwork()
    : before_(::open("/proc/thread-self/ns/net", O_RDONLY | O_CLOEXEC)) {
  require(static_cast<bool>(before_), "/proc/thread-self/ns/net");
  require(::unshare(CLONE_NEWNET) == 0, "unshare");
  bring_loopback_up();
}

PrivateNetwork::~PrivateNetwork() {
  ::setns(before_.get(), CLONE_NEWNET);
}

// On the way in: what is dropped on the way out is an error of the sender's call.
void PrivateNetwork::cut(std::uint16_t port) {
  output_of({"nft", fmt::format("table inet {0} {{ chain in {{\n"
                                "type filter hook input priority 0\n"
                                "tcp sport {1} drop\ntcp dport {1} drop\n}}\n}}",
                                kTable, port)});
}

void PrivateNetwork::add_address(const char* address) {
  const UniqueFd any(::socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0));
  ifreq request{};
  std::strcpy(request.ifr_name, "lo:1");
  auto& socket_address = reinterpret_cast<sockaddr_in&>(request.ifr_addr);
  socket_address.sin_family = AF_INET;
  require(::inet_pton(AF_INET, address, &socket_address.sin_addr) == 1, address);
  require(::ioctl(any.get(), SIOCSIFADDR, &request) == 0, address);
}

void PrivateNetwork::mend() {
  output_of({"nft", fmt::format("delete table inet {}", kTable)});
}

}  // namespace ordercast::testing
