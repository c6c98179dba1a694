// A client of the hub, at the other end of a socket pair. HTTP/1.0 framing: what it gets is frames.
// Thread-safe, but for one reader at a time.
#pragma once

#include <poll.h>
#include <sys/socket.h>

#include <array>
#include <chrono>
#include <optional>
#include <stdexcept>
#include <string>
#include <string_view>
#include <utility>

#include "base/unique_fd.h"
#include "hub/outlet.h"
#include "support/child_process.h"

namespace ordercast::testing {

class SocketOutlet {
 public:
  // `tenant`: whose rows alone may go to it.
  explicit SocketOutlet(std::optional<std::string> tenant = std::nullopt)
      : tenant_(std::move(tenant)) {
    std::array<int, 2> fds{};
    if (::socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, fds.data()) != 0) {
      throw std::runtime_error("no socket pair");
    }
    server_ = UniqueFd(fds[0]);
    client_ = UniqueFd(fds[1]);
  }

  [[nodiscard]] int fd() const { return server_.get(); }
  // `sealed`: what sends in its stead.
  [[nodiscard]] hub::Outlet outlet(hub::SealedSocket* sealed = nullptr) const {
    return {server_.get(), hub::Framing::kUntilClose, tenant_, sealed};
  }

  // Nothing fits any more until somebody reads.
  void fill() {
    const std::string comment(4096, ':');
    for (std::string_view piece = comment; !piece.empty();) {
      if (::send(server_.get(), piece.data(), piece.size(), MSG_DONTWAIT) < 0) {
        piece = piece.substr(0, piece.size() / 2);
      }
    }
  }
  // Forgets what has come, and makes room.
  void drain() {
    std::array<char, 65536> buffer;
    while (::recv(client_.get(), buffer.data(), buffer.size(), MSG_DONTWAIT) > 0) {
    }
    received_.clear();
  }

  // All that has come since the beginning or drain(), once `text` is in it or patience has ended.
  [[nodiscard]] std::string wait_for(std::string_view text) {
    const auto deadline = std::chrono::steady_clock::now() + kPatience;
    while (received_.find(text) == received_.npos && std::chrono::steady_clock::now() < deadline) {
      pollfd entry{client_.get(), POLLIN, 0};
      constexpr int kLookMs = 100;
      if (::poll(&entry, 1, kLookMs) > 0) take();
    }
    return received_;
  }
  // What has come by now.
  [[nodiscard]] std::string received() {
    take();
    return received_;
  }

 private:
  void take() {
    std::array<char, 65536> buffer;
    for (ssize_t got;
         (got = ::recv(client_.get(), buffer.data(), buffer.size(), MSG_DONTWAIT)) > 0;) {
      received_.append(buffer.data(), static_cast<std::size_t>(got));
    }
  }

  const std::optional<std::string> tenant_;
  UniqueFd server_;
  UniqueFd client_;
  std::string received_;
};

}  // namespace ordercast::testing
