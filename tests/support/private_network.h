// A network of the calling thread's own, with nothing but loopback, in which packets can be made to
// vanish as on a wire that was cut: no RST, no ICMP, no end of a connection. Sockets, threads and
// processes that this thread makes while it lives are in it; the thread is back in the machine's
// network afterwards. Needs root and nft; throws std::runtime_error without.
#pragma once

#include <cstdint>

#include "base/unique_fd.h"

namespace ordercast::testing {

class PrivateNetwork {
 public:
  PrivateNetwork();
  ~PrivateNetwork();
  PrivateNetwork(const PrivateNetwork&) = delete;
  PrivateNetwork& operator=(const PrivateNetwork&) = delete;

  // From now on nothing arrives that goes to this TCP port or comes from it.
  void cut(std::uint16_t port);
  void mend();
  // One more IPv4 address of its machine: who connects to it comes from it, and not from loopback.
  void add_address(const char* address);

 private:
  UniqueFd before_;
};

}  // namespace ordercast::testing
