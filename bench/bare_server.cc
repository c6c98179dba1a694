// The physical limit: an event is one send() of the bytes that Ordercast would send, to each
// subscriber in turn, by one thread. Nothing else: no queue, no slow subscriber, no resuming.
//
// Each line that a publisher writes to the second port is the data of an event.
//
// Two options say what another limit would be: --io-uring hands the sends to the kernel in batches,
// --threads parks a thread for each subscriber beside the loop, as Ordercast does.
#include <fmt/format.h>
#include <liburing.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <poll.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <unistd.h>

#include <CLI/CLI.hpp>
#include <algorithm>
#include <array>
#include <cerrno>
#include <cstdio>
#include <optional>
#include <span>
#include <string>
#include <system_error>
#include <thread>
#include <vector>

#include "rig/tcp.h"

namespace {

using ordercast::UniqueFd;
namespace bench = ordercast::bench;

constexpr std::string_view kHead =
    "HTTP/1.1 200 OK\r\nContent-Type: text/event-stream\r\nTransfer-Encoding: chunked\r\n\r\n";

// io_uring(7): a system call for many sends. One, on the thread that uses it.
class SendRing {
 public:
  SendRing() {
    const int error = ::io_uring_queue_init(
        kBatch, &ring_, IORING_SETUP_SINGLE_ISSUER | IORING_SETUP_DEFER_TASKRUN);
    if (error < 0) throw std::system_error(-error, std::generic_category(), "io_uring");
  }
  ~SendRing() { ::io_uring_queue_exit(&ring_); }
  SendRing(const SendRing&) = delete;
  SendRing& operator=(const SendRing&) = delete;

  // How many bytes each socket took, or the negative of its errno.
  std::vector<int> send(std::span<const UniqueFd> sockets, std::string_view bytes) {
    std::vector<int> results(sockets.size());
    for (std::size_t done = 0; done < sockets.size();) {
      const auto batch =
          sockets.subspan(done, std::min<std::size_t>(kBatch, sockets.size() - done));
      for (std::size_t i = 0; i < batch.size(); ++i) {
        io_uring_sqe* entry = ::io_uring_get_sqe(&ring_);
        ::io_uring_prep_send(entry, batch[i].get(), bytes.data(), bytes.size(),
                             MSG_DONTWAIT | MSG_NOSIGNAL);
        entry->user_data = done + i;
      }
      ::io_uring_submit_and_wait(&ring_, static_cast<unsigned>(batch.size()));
      for (std::size_t i = 0; i < batch.size(); ++i) {
        io_uring_cqe* result = nullptr;
        ::io_uring_wait_cqe(&ring_, &result);
        results[result->user_data] = result->res;
        ::io_uring_cqe_seen(&ring_, result);
      }
      done += batch.size();
    }
    return results;
  }

 private:
  static constexpr unsigned kBatch = 64;
  io_uring ring_{};
};

struct Options {
  bool io_uring = false;
  bool threads = false;
};

class BareServer {
 public:
  explicit BareServer(const Options& options)
      : threads_(options.threads),
        epoll_(::epoll_create1(EPOLL_CLOEXEC)),
        subscribe_(bench::listen_on(0)),
        publish_(bench::listen_on(0)) {
    if (options.io_uring) ring_.emplace();
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
    if (threads_) std::thread([] { ::pause(); }).detach();
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
      send_to_all(frame);
    }
    lines_.erase(0, begin);
  }

  void send_to_all(std::string_view frame) {
    std::vector<int> results;
    if (ring_) results = ring_->send(subscribers_, frame);
    std::size_t next = 0;
    std::erase_if(subscribers_, [&](const UniqueFd& fd) {
      const int taken = ring_ ? results[next++] : 0;
      return !send_whole(fd.get(), frame.substr(static_cast<std::size_t>(std::max(taken, 0))));
    });
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

  const bool threads_;
  std::optional<SendRing> ring_;
  UniqueFd epoll_;
  UniqueFd subscribe_;
  UniqueFd publish_;
  UniqueFd publisher_;
  std::string lines_;
  std::vector<UniqueFd> subscribers_;
};

}  // namespace

int main(int argc, char** argv) {
  Options options;
  CLI::App app("A bare loop of send()", "bare_server");
  app.add_flag("--io-uring", options.io_uring, "hand the sends to the kernel in batches");
  app.add_flag("--threads", options.threads, "park a thread for each subscriber");
  CLI11_PARSE(app, argc, argv);
  BareServer(options).run();
}
