// What the service manager that has started us, systemd, is told over $NOTIFY_SOCKET
// (sd_notify(3)): that the node is ready, once; STATUS, the line that `systemctl status` shows;
// that it reads its files again; that it ends; and, when a watchdog is asked for ($WATCHDOG_USEC),
// that it lives: not by a timer, but each time that `Signs::lives` has just seen it. Without
// $NOTIFY_SOCKET it does nothing.
//
// Confined to the main thread; `Signs` are asked on a thread of its own.
#pragma once

#include <chrono>
#include <functional>
#include <string>

#include "base/mutex.h"
#include "base/thread.h"
#include "base/wake_fd.h"

namespace ordercast::app {

class ServiceManager {
 public:
  // How to find out how the node is. Both outlive this object's threads, and are thread-safe.
  struct Signs {
    struct Condition {
      bool ready = false;
      std::string text;  // a line for people
    };
    std::function<Condition()> condition;  // does not block
    std::function<bool()> lives;           // may take as long as a third of the watchdog's time
  };
  explicit ServiceManager(Signs signs);
  // Says that it ends, if that was not said before.
  ~ServiceManager();
  ServiceManager(const ServiceManager&) = delete;
  ServiceManager& operator=(const ServiceManager&) = delete;

  // Tells that `reload` begins and that it has ended.
  void around_reload(const std::function<void()>& reload) EXCLUDES(mutex_);
  // That the end will take so long at most: the manager waits for that, whatever TimeoutStopSec=
  // says.
  void stopping(std::chrono::milliseconds at_most) EXCLUDES(mutex_);

 private:
  enum class Stage { kStarting, kReady, kStopping };

  void run();
  // Whether it has told that it is ready, now or before.
  bool tell_condition() EXCLUDES(mutex_);

  const Signs signs_;
  const std::chrono::microseconds watchdog_;  // 0: none is asked for
  std::string told_;                          // the STATUS before; the thread's own
  WakeFd end_;
  Mutex mutex_;  // held while a stage is told, so that no READY comes after STOPPING
  Stage stage_ GUARDED_BY(mutex_) = Stage::kStarting;
  Thread thread_;
};

}  // namespace ordercast::app
