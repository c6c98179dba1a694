// Of the server's limits those that say what a client may take of a connection, and that can be
// changed while it runs. Thread-safe.
#pragma once

#include "base/mutex.h"
#include "http/server_options.h"

namespace ordercast::http {

// As in ServerOptions.
struct ClientLimits {
  HeadLimits head;
  ServerOptions::Millis request_timeout;
  ServerOptions::Millis write_stall_timeout;
  ServerOptions::Millis peer_timeout;
};

class LiveClientLimits {
 public:
  explicit LiveClientLimits(const ServerOptions& options) : limits_(of(options)) {}

  // For the connections that come from now on.
  void set(const ServerOptions& options) EXCLUDES(mutex_) {
    const MutexLock lock(mutex_);
    limits_ = of(options);
  }
  [[nodiscard]] ClientLimits get() const EXCLUDES(mutex_) {
    const MutexLock lock(mutex_);
    return limits_;
  }

 private:
  [[nodiscard]] static ClientLimits of(const ServerOptions& options) {
    return {.head = options.limits,
            .request_timeout = options.request_timeout,
            .write_stall_timeout = options.write_stall_timeout,
            .peer_timeout = options.peer_timeout};
  }

  mutable Mutex mutex_;
  ClientLimits limits_ GUARDED_BY(mutex_);
};

}  // namespace ordercast::http
