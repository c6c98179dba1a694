// Ends connections whose server does not answer. A server process that hangs (stopped, stuck on a
// disk) leaves libpq waiting for ever: the kernels of both sides are well, so no time-out of TCP
// comes, and statement_timeout is the server's own. One thread watches any number of connections.
//
// Thread-safe; it outlives the connections' users. A Watch is confined to the thread that uses its
// connection.
#pragma once

#include <chrono>
#include <list>
#include <pqxx/pqxx>

#include "base/mutex.h"
#include "base/thread.h"
#include "base/unique_fd.h"

namespace ordercast::pg {

class Watchdog {
  using Time = std::chrono::steady_clock::time_point;
  struct Socket {
    UniqueFd fd;  // a duplicate: libpq may close its own at any time, and the number be given anew
    std::chrono::milliseconds limit;
    Time deadline;
  };

 public:
  Watchdog();
  ~Watchdog();
  Watchdog(const Watchdog&) = delete;
  Watchdog& operator=(const Watchdog&) = delete;

  // From now on the server has `limit` to answer; then the connection's socket is shut down, and
  // what waits for it throws pqxx::broken_connection. Throws std::system_error without descriptors.
  class Watch {
   public:
    Watch(Watchdog& watchdog, const pqxx::connection& connection, std::chrono::milliseconds limit);
    ~Watch();
    Watch(const Watch&) = delete;
    Watch& operator=(const Watch&) = delete;

    // It has answered, and is asked again: it has `limit` from now on.
    void renew();
    // Nothing is asked of it until renew().
    void rest();

   private:
    Watchdog& watchdog_;
    std::list<Socket>::iterator socket_;
  };

 private:
  void run() EXCLUDES(mutex_);
  // Shuts down what is overdue. When to look again.
  [[nodiscard]] Time look() REQUIRES(mutex_);
  void set_deadline(Socket& socket, Time deadline) EXCLUDES(mutex_);

  Mutex mutex_;
  CondVar changed_;
  std::list<Socket> sockets_ GUARDED_BY(mutex_);
  Time next_look_ GUARDED_BY(mutex_) = Time::max();
  bool stopping_ GUARDED_BY(mutex_) = false;
  Thread thread_;
};

}  // namespace ordercast::pg
