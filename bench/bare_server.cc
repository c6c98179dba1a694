// The physical limit: an event is one send() of the bytes that Ordercast would send, to each
// subscriber in turn, by one thread. Nothing else: no queue, no slow subscriber, no resuming.
//
// Each line that a publisher writes to the second port is the data of an event.
#include <fmt/format.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <poll.h>
#include <sys/epoll.h>
#include <sys/socket.h>

#include <array>
#include <cerrno>
#include <cstdio>
#include <string>
#include <vector>

#include "rig/tcp.h"

namespace {

using ordercast::UniqueFd;
namespace bench = ordercast::bench;

constexpr std::string_view kHead =
    "HTTP/1.1 200 OK\r\nContent-Type: text/event-stream\r\nTransfer-Encoding: chunked\r\n\r\n";

class BareServer {
 public:
  BareServer()
      : epoll_(::epoll_create1(EPOLL_CLOEXEC)),
        subscribe_(bench::listen_on(0)),
        publish_(bench::listen_on(0)) {
    watch(subscribe_.get());
    watch(publish_.get());
    fmt::print("publish at 127.0.0.1:{}\nlistening on 127.0.0.1:{}\n",
               bench::port_of(publish_.get()), bench::port_of(subscribe_.get()));
    std::fflush(stdout);
  }

  void run() {
    std::array<epoll_event, 64> ready;
    for (;;) {
      const int count =
          ::epoll_wait(epoll_.get(), ready.data(), static_cast<int>(ready.size()), -1);
      for (int i = 0; i < count; ++i) on_ready(ready[static_cast<std::size_t>(i)].data.fd);
    }
  }

 private:
  void watch(int fd) {
    epoll_event interest{.events = EPOLLIN, .data = {.fd = fd}};
    ::epoll_ctl(epoll_.get(), EPOLL_CTL_ADD, fd, &interest);
  }

  void on_ready(int fd) {
    if (fd == subscribe_.get()) {
      subscribe();
    } else if (fd == publish_.get()) {
      publisher_.reset(::accept4(fd, nullptr, nullptr, SOCK_CLOEXEC));
      watch(publisher_.get());
    } else {
      publish();
    }
  }

  // The request is not read: what a subscriber wants is known.
  void subscribe() {
    const int fd = ::accept4(subscribe_.get(), nullptr, nullptr, SOCK_CLOEXEC | SOCK_NONBLOCK);
    if (fd < 0) return;
    const int on = 1;
    ::setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
    send_whole(fd, kHead);
    subscribers_.emplace_back(fd);
  }

  void publish() {
    std::array<char, 65536> chunk;
    const ssize_t got = ::recv(publisher_.get(), chunk.data(), chunk.size(), 0);
    if (got <= 0) return publisher_.reset();
    lines_.append(chunk.data(), static_cast<std::size_t>(got));
    std::size_t begin = 0;
    for (std::size_t end; (end = lines_.find('\n', begin)) != lines_.npos; begin = end + 1) {
      const auto event = fmt::format("id: 1rhdFZwwagwYA\nevent: insert\ndata: {}\n\n",
                                     std::string_view(lines_).substr(begin, end - begin));
      const auto frame = fmt::format("{:x}\r\n{}\r\n", event.size(), event);
      std::erase_if(subscribers_,
                    [&frame](const UniqueFd& fd) { return !send_whole(fd.get(), frame); });
    }
    lines_.erase(0, begin);
  }

  // Waits for a subscriber that is full. False when it is gone.
  static bool send_whole(int fd, std::string_view bytes) {
    while (!bytes.empty()) {
      const ssize_t sent = ::send(fd, bytes.data(), bytes.size(), MSG_NOSIGNAL);
      if (sent > 0) {
        bytes.remove_prefix(static_cast<std::size_t>(sent));
      } else if (errno == EAGAIN) {
        pollfd writable{fd, POLLOUT, 0};
        ::poll(&writable, 1, -1);
      } else {
        return false;
      }
    }
    return true;
  }

  UniqueFd epoll_;
  UniqueFd subscribe_;
  UniqueFd publish_;
  UniqueFd publisher_;
  std::string lines_;
  std::vector<UniqueFd> subscribers_;
};

}  // namespace

int main() {
  BareServer().run();
}
