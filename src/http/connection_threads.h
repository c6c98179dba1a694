// A thread for each connection, all of them accounted for. Thread-safe.
//
// Each thread, when it ends, joins the one that ended before it: so none is ever detached, at most
// one is left to join, and nothing has to sweep up. Sockets are closed here only, after they have
// left the table: so stop() never shuts down a descriptor that has another owner by now.
#pragma once

#include <pthread.h>

#include <cstddef>
#include <functional>
#include <list>
#include <optional>

#include "base/mutex.h"
#include "base/thread.h"
#include "http/accepted_connection.h"
#include "http/socket_io.h"

namespace ordercast::http {

class ConnectionThreads {
 public:
  // Called on the connection's thread; must neither throw nor touch the socket's owner. The socket
  // is closed when it returns.
  using Serve = std::function<void(AcceptedConnection&)>;

  ConnectionThreads(std::size_t limit, ThreadSpec spec, ThreadStarter starter, Serve serve);
  // Waits for all threads, without a limit.
  ~ConnectionThreads();
  ConnectionThreads(const ConnectionThreads&) = delete;
  ConnectionThreads& operator=(const ConnectionThreads&) = delete;

  // For connections from now on; those that there are stay, also where they are more.
  void set_limit(std::size_t limit) EXCLUDES(mutex_);

  // Serves the connection on a thread of its own. Gives it back when the limit is reached, the
  // system has no thread for it, or stop() has been called.
  [[nodiscard]] std::optional<AcceptedConnection> start(AcceptedConnection connection)
      EXCLUDES(mutex_);

  // Takes no more connections, shuts the sockets down and waits. False when some are left at the
  // deadline; may be called again.
  bool stop(Deadline deadline) EXCLUDES(mutex_);

  [[nodiscard]] std::size_t size() const EXCLUDES(mutex_);

 private:
  using Connections = std::list<AcceptedConnection>;

  [[nodiscard]] std::optional<Connections::iterator> enter(AcceptedConnection& connection)
      EXCLUDES(mutex_);
  void run(Connections::iterator connection) noexcept EXCLUDES(mutex_);
  // Takes the connection out of the table, for its end outside of the lock.
  [[nodiscard]] AcceptedConnection remove(Connections::iterator connection) REQUIRES(mutex_);

  const ThreadSpec spec_;
  const ThreadStarter starter_;
  const Serve serve_;

  mutable Mutex mutex_;
  CondVar all_gone_;
  std::size_t limit_ GUARDED_BY(mutex_);
  Connections connections_ GUARDED_BY(mutex_);
  std::optional<pthread_t> last_ended_ GUARDED_BY(mutex_);
  bool stopping_ GUARDED_BY(mutex_) = false;
};

}  // namespace ordercast::http
