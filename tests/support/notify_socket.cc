#include "support/notify_socket.h"

#include <fmt/format.h>
#include <fmt/ranges.h>
#include <poll.h>
#include <sys/socket.h>
#include <sys/un.h>

#include <array>
#include <cerrno>
#include <cstring>
#include <stdexcept>

namespace ordercast::testing {

NotifySocket::NotifySocket() : fd_(::socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC, 0)) {
  sockaddr_un address{};
  address.sun_family = AF_UNIX;
  path().copy(address.sun_path, sizeof address.sun_path - 1);
  if (::bind(fd_.get(), reinterpret_cast<const sockaddr*>(&address), sizeof address) != 0) {
    throw std::runtime_error(fmt::format("{}: {}", path(), std::strerror(errno)));
  }
}

std::optional<std::string> NotifySocket::next(std::chrono::milliseconds patience) {
  pollfd entry{.fd = fd_.get(), .events = POLLIN, .revents = 0};
  if (::poll(&entry, 1, static_cast<int>(patience.count())) <= 0) return std::nullopt;
  std::array<char, 4096> message;
  const auto length = ::recv(fd_.get(), message.data(), message.size(), 0);
  if (length < 0) throw std::runtime_error(std::strerror(errno));
  return std::string(message.data(), static_cast<std::size_t>(length));
}

std::vector<std::string> NotifySocket::take_through(const std::string& text) {
  const auto deadline = std::chrono::steady_clock::now() + kPatience;
  std::vector<std::string> taken;
  while (std::chrono::steady_clock::now() < deadline) {
    const auto message = next();
    if (!message) break;
    taken.push_back(*message);
    if (message->starts_with(text)) return taken;
  }
  throw std::runtime_error(fmt::format("no message {} among {}", text, taken));
}

bool NotifySocket::falls_silent(std::chrono::milliseconds time) {
  const auto deadline = std::chrono::steady_clock::now() + kPatience;
  while (std::chrono::steady_clock::now() < deadline) {
    if (!next(time)) return true;
  }
  return false;
}

}  // namespace ordercast::testing
