// A server that is told what to say: it answers its connections, one after the other, each byte in
// a packet of its own, and keeps them open. Waits in its destructor until all scripts were asked
// for.
#pragma once

#include <arpa/inet.h>
#include <sys/socket.h>

#include <algorithm>
#include <array>
#include <catch2/catch.hpp>
#include <cstdint>
#include <functional>
#include <string>
#include <string_view>
#include <thread>
#include <utility>
#include <vector>

#include "base/unique_fd.h"

namespace ordercast::testing {

class ScriptedServer {
 public:
  using Script = std::function<std::string(const std::string& request)>;

  explicit ScriptedServer(std::vector<Script> scripts)
      : listening_(::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0)) {
    sockaddr_in address{};
    address.sin_family = AF_INET;
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    socklen_t size = sizeof address;
    REQUIRE(::bind(listening_.get(), reinterpret_cast<sockaddr*>(&address), size) == 0);
    REQUIRE(::listen(listening_.get(), 64) == 0);
    ::getsockname(listening_.get(), reinterpret_cast<sockaddr*>(&address), &size);
    port_ = ntohs(address.sin_port);
    thread_ = std::thread([this, scripts = std::move(scripts)] {
      for (const auto& script : scripts) serve(script);
    });
  }
  ~ScriptedServer() { thread_.join(); }

  [[nodiscard]] std::uint16_t port() const { return port_; }

 private:
  static constexpr std::size_t kTornBytes = 4096;

  // Until the client has enough.
  static void send_rest(int fd, std::string_view bytes) {
    while (!bytes.empty()) {
      const ssize_t sent = ::send(fd, bytes.data(), bytes.size(), MSG_NOSIGNAL);
      if (sent <= 0) return;
      bytes.remove_prefix(static_cast<std::size_t>(sent));
    }
  }

  void serve(const Script& script) {
    UniqueFd peer(::accept4(listening_.get(), nullptr, nullptr, SOCK_CLOEXEC));
    std::string request;
    std::array<char, 4096> chunk;
    while (!request.ends_with("\r\n\r\n")) {
      const ssize_t got = ::recv(peer.get(), chunk.data(), chunk.size(), 0);
      if (got <= 0) return;
      request.append(chunk.data(), static_cast<std::size_t>(got));
    }
    const auto answer = script(request);
    // Torn everywhere; what is too long for that, only at first.
    const std::size_t torn = std::min(answer.size(), kTornBytes);
    for (std::size_t i = 0; i < torn; ++i) ::send(peer.get(), &answer[i], 1, MSG_NOSIGNAL);
    send_rest(peer.get(), std::string_view(answer).substr(torn));
    kept_.push_back(std::move(peer));
  }

  UniqueFd listening_;
  std::uint16_t port_ = 0;
  std::vector<UniqueFd> kept_;  // open until the test is over
  std::thread thread_;
};

}  // namespace ordercast::testing
