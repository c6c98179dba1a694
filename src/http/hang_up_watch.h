// Notices at once when the peers of parked connections hang up: one thread and one epoll(7) for all
// of them, so that each costs neither a wake-up nor a timer. Thread-safe.
#pragma once

#include <cstdint>
#include <functional>
#include <unordered_map>

#include "base/mutex.h"
#include "base/thread.h"
#include "base/unique_fd.h"
#include "base/wake_fd.h"

namespace ordercast::http {

class HangUpWatch {
 public:
  // Runs on the watch's thread, once at most; short, and without calling the watch.
  using Callback = std::function<void()>;

  // Throws std::system_error.
  HangUpWatch();
  // Nothing is watched any more.
  ~HangUpWatch();
  HangUpWatch(const HangUpWatch&) = delete;
  HangUpWatch& operator=(const HangUpWatch&) = delete;

  // Watches while it lives. Its end waits for a callback that runs.
  class Watched {
   public:
    Watched(HangUpWatch& watch, int fd, std::uint64_t number)
        : watch_(watch), fd_(fd), number_(number) {}
    ~Watched() { watch_.forget(fd_, number_); }
    Watched(const Watched&) = delete;
    Watched& operator=(const Watched&) = delete;

   private:
    HangUpWatch& watch_;
    const int fd_;
    const std::uint64_t number_;
  };
  // The peer has closed the connection, or its side of it (no SSE client does that and goes on
  // reading), or an error shows. Where the system takes no more descriptors into an epoll
  // (fs.epoll.max_user_watches), the next write finds out.
  [[nodiscard]] Watched watch(int fd, Callback on_hang_up) EXCLUDES(mutex_);

 private:
  void run();
  void forget(int fd, std::uint64_t number) EXCLUDES(mutex_);

  UniqueFd epoll_;
  WakeFd stop_;
  Mutex mutex_;
  std::uint64_t last_number_ GUARDED_BY(mutex_) = 0;
  std::unordered_map<std::uint64_t, Callback> callbacks_ GUARDED_BY(mutex_);
  Thread thread_;
};

}  // namespace ordercast::http
