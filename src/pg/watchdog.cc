#include "pg/watchdog.h"

#include <fcntl.h>
#include <spdlog/spdlog.h>
#include <sys/socket.h>

#include <algorithm>
#include <cerrno>
#include <system_error>
#include <utility>

namespace ordercast::pg {
namespace {

UniqueFd duplicate(int fd) {
  UniqueFd copy(::fcntl(fd, F_DUPFD_CLOEXEC, 0));
  if (!copy)
    throw std::system_error(errno, std::generic_category(), "dup of a database connection");
  return copy;
}

}  // namespace

Watchdog::Watchdog() : thread_({.name = "db-watchdog"}, [this] { run(); }) {}

Watchdog::~Watchdog() {
  {
    MutexLock lock(mutex_);
    stopping_ = true;
    changed_.notify_one();
  }
  thread_.join();
}

void Watchdog::run() {
  MutexLock lock(mutex_);
  while (!stopping_) {
    next_look_ = look();
    changed_.wait_until(mutex_, next_look_);
  }
}

Watchdog::Time Watchdog::look() {
  const auto now = std::chrono::steady_clock::now();
  auto next = Time::max();
  for (auto& socket : sockets_) {
    if (socket.deadline <= now) {
      spdlog::warn("database: no answer for {} ms: the connection is given up",
                   socket.limit.count());
      ::shutdown(socket.fd.get(), SHUT_RDWR);
      socket.deadline = Time::max();
    }
    next = std::min(next, socket.deadline);
  }
  return next;
}

// With one limit for all, each deadline is later than the last: the thread is woken for the first
// and then looks once in a limit, however many statements there are.
void Watchdog::set_deadline(Socket& socket, Time deadline) {
  MutexLock lock(mutex_);
  socket.deadline = deadline;
  if (deadline < next_look_) changed_.notify_one();
}

Watchdog::Watch::Watch(Watchdog& watchdog, const pqxx::connection& connection,
                       std::chrono::milliseconds limit)
    : watchdog_(watchdog) {
  Socket socket{duplicate(connection.sock()), limit, Time::max()};
  {
    MutexLock lock(watchdog_.mutex_);
    socket_ = watchdog_.sockets_.insert(watchdog_.sockets_.end(), std::move(socket));
  }
  renew();
}

Watchdog::Watch::~Watch() {
  MutexLock lock(watchdog_.mutex_);
  watchdog_.sockets_.erase(socket_);
}

void Watchdog::Watch::renew() {
  watchdog_.set_deadline(*socket_, std::chrono::steady_clock::now() + socket_->limit);
}

void Watchdog::Watch::rest() {
  watchdog_.set_deadline(*socket_, Time::max());
}

}  // namespace ordercast::pg
