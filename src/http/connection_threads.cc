#include "http/connection_threads.h"

#include <sys/socket.h>

#include <new>
#include <utility>

#include "base/futex_hash.h"

namespace ordercast::http {
namespace {

void join(std::optional<pthread_t> thread) {
  if (thread) ::pthread_join(*thread, nullptr);
}

}  // namespace

ConnectionThreads::ConnectionThreads(std::size_t limit, ThreadSpec spec, ThreadStarter starter,
                                     Serve serve)
    : spec_(spec), starter_(std::move(starter)), serve_(std::move(serve)), limit_(limit) {
  widen_futex_hash(limit);
}

void ConnectionThreads::set_limit(std::size_t limit) {
  widen_futex_hash(limit);
  const MutexLock lock(mutex_);
  limit_ = limit;
}

ConnectionThreads::~ConnectionThreads() {
  stop(Deadline::max());
}

std::optional<AcceptedConnection> ConnectionThreads::start(AcceptedConnection connection) {
  const auto entered = enter(connection);
  if (!entered) return connection;
  pthread_t thread{};
  const auto position = *entered;
  const int error = starter_(&thread, spec_, [this, position] { run(position); });
  if (error == 0) return std::nullopt;
  const MutexLock lock(mutex_);
  return remove(position);
}

std::optional<ConnectionThreads::Connections::iterator> ConnectionThreads::enter(
    AcceptedConnection& connection) {
  const MutexLock lock(mutex_);
  if (stopping_ || connections_.size() >= limit_) return std::nullopt;
  try {
    connections_.emplace_back();
  } catch (const std::bad_alloc&) {
    return std::nullopt;
  }
  connections_.back() = std::move(connection);
  return std::prev(connections_.end());
}

void ConnectionThreads::run(Connections::iterator connection) noexcept {
  serve_(*connection);
  std::optional<AcceptedConnection> ended;
  std::optional<pthread_t> before;
  {
    const MutexLock lock(mutex_);
    ended = remove(connection);
    before = std::exchange(last_ended_, ::pthread_self());
  }
  // From here on nothing of `this` may be touched: stop() waits for this thread by joining it.
  ended.reset();
  join(before);
}

AcceptedConnection ConnectionThreads::remove(Connections::iterator connection) {
  AcceptedConnection removed = std::move(*connection);
  connections_.erase(connection);
  if (connections_.empty()) all_gone_.notify_all();
  return removed;
}

bool ConnectionThreads::stop(Deadline deadline) {
  std::optional<pthread_t> last;
  {
    const MutexLock lock(mutex_);
    stopping_ = true;
    for (const auto& connection : connections_) ::shutdown(connection.socket.get(), SHUT_RDWR);
    while (!connections_.empty()) {
      if (!all_gone_.wait_until(mutex_, deadline)) return connections_.empty();
    }
    last = std::exchange(last_ended_, std::nullopt);
  }
  join(last);
  return true;
}

std::size_t ConnectionThreads::size() const {
  const MutexLock lock(mutex_);
  return connections_.size();
}

}  // namespace ordercast::http
