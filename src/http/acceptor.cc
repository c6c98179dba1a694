#include "http/acceptor.h"

#include <fcntl.h>
#include <poll.h>
#include <spdlog/spdlog.h>
#include <sys/eventfd.h>
#include <sys/socket.h>

#include <array>
#include <cerrno>
#include <system_error>
#include <utility>

namespace ordercast::http {
namespace {

// A machine in trouble must not be filled with its own log as well.
constexpr std::chrono::seconds kLogInterval{1};

UniqueFd required(int fd, const char* what) {
  if (fd < 0) throw std::system_error(errno, std::generic_category(), what);
  return UniqueFd(fd);
}

int open_reserve() {
  return ::open("/dev/null", O_RDONLY | O_CLOEXEC);
}

int accept_with_system(int listening_fd) {
  return ::accept4(listening_fd, nullptr, nullptr, SOCK_CLOEXEC);
}

// Errors of the connection that was at the front (accept(2)): the next one may be well.
bool concerns_one_connection(int error) {
  return error == EAGAIN || error == EINTR || error == ECONNABORTED || error == EPROTO;
}

}  // namespace

Acceptor::Acceptor(UniqueFd listening, AcceptCall accept, std::chrono::milliseconds pause,
                   Take take)
    : listening_(std::move(listening)),
      stop_event_(required(::eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK), "eventfd")),
      reserve_(required(open_reserve(), "/dev/null")),
      accept_(accept ? std::move(accept) : accept_with_system),
      pause_(pause),
      take_(std::move(take)) {}

void Acceptor::run() {
  while (wait() == Wake::kConnection) {
    UniqueFd connection(accept_(listening_.get()));
    if (connection) {
      take_(std::move(connection));
    } else if (!handle_failure(errno)) {
      break;
    }
  }
  listening_.reset();
}

void Acceptor::stop() {
  ::eventfd_write(stop_event_.get(), 1);
}

Acceptor::Wake Acceptor::wait() {
  std::array<pollfd, 2> entries{{{.fd = stop_event_.get(), .events = POLLIN, .revents = 0},
                                 {.fd = listening_.get(), .events = POLLIN, .revents = 0}}};
  constexpr int kForEver = -1;
  // poll() can fail with EINTR, or with ENOMEM for a moment: then neither is ready, and it is asked
  // again.
  while (::poll(entries.data(), entries.size(), kForEver) <= 0) {
  }
  return entries[0].revents != 0 ? Wake::kStop : Wake::kConnection;
}

bool Acceptor::handle_failure(int error) {
  if (error == EAGAIN || error == EINTR) return true;
  ++failures_;
  log_failure(error);
  if (concerns_one_connection(error)) return true;
  if ((error == EMFILE || error == ENFILE) && turn_one_away()) return true;
  return pause();
}

bool Acceptor::turn_one_away() {
  reserve_.reset();
  UniqueFd unserved(accept_(listening_.get()));
  const bool accepted = static_cast<bool>(unserved);
  unserved.reset();
  reserve_.reset(open_reserve());
  return accepted;
}

bool Acceptor::pause() const {
  pollfd entry{.fd = stop_event_.get(), .events = POLLIN, .revents = 0};
  return ::poll(&entry, 1, static_cast<int>(pause_.count())) <= 0;
}

void Acceptor::log_failure(int error) {
  const auto now = std::chrono::steady_clock::now();
  if (now < next_log_) return;
  next_log_ = now + kLogInterval;
  spdlog::warn("cannot accept connections: {} ({} times so far)",
               std::generic_category().message(error), failures_.load());
}

}  // namespace ordercast::http
