// The sockets of a crowd: non-blocking TCP over IPv4. Free functions; thread-safe.
#pragma once

#include <cstdint>
#include <stdexcept>
#include <string>

#include "base/unique_fd.h"

namespace ordercast::load {

// What keeps a crowd from being measured at all; what() says what to do where that is known.
struct LoadError : std::runtime_error {
  using std::runtime_error::runtime_error;
};

// Of an errno.
[[nodiscard]] std::string error_text(int error);

// Begins to connect; the socket becomes writable when that has ended, see connect_error(). `error`:
// of an attempt that failed at once, else 0. `address` is numeric. Throws LoadError.
[[nodiscard]] UniqueFd begin_connecting(const std::string& address, std::uint16_t port, int& error);
// How it ended: an errno, 0 for well.
[[nodiscard]] int connect_error(const UniqueFd& socket);
// Its end will be a reset (RST), as of a client that vanishes: no port stays in TIME_WAIT, and
// thousands of such ends use none up.
void reset_at_close(const UniqueFd& socket);

}  // namespace ordercast::load
