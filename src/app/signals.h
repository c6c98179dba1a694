// SIGINT, SIGTERM and SIGHUP as something to wait for, instead of handlers that may do nothing.
// Make it before any thread is started, so that all threads inherit the blocked signals. One per
// process, in main's thread.
#pragma once

#include <chrono>

#include "base/unique_fd.h"

namespace ordercast::app {

class Signals {
 public:
  // `reloads`: SIGHUP is news, too. Else it ends the process, as when its terminal is closed.
  explicit Signals(bool reloads = false);

  enum class Event {
    kInterrupt,  // SIGINT, Ctrl-C: end now
    kTerminate,  // SIGTERM, an orchestrator's: end in good order
    kReload,     // SIGHUP
    kOther,
    kTimeout,
  };
  [[nodiscard]] static bool asks_to_stop(Event event) {
    return event == Event::kInterrupt || event == Event::kTerminate;
  }
  // Waits for a signal, or for `other` (a descriptor, -1 for none) to become readable; a negative
  // timeout is none.
  [[nodiscard]] Event wait(int other,
                           std::chrono::milliseconds timeout = std::chrono::milliseconds(-1)) const;

  // Readable when a signal waits to be taken with wait(). To be looked at with poll(2).
  [[nodiscard]] int fd() const { return fd_.get(); }

  // Whether one that says stop has come; takes it. For the steps of a start.
  [[nodiscard]] bool stop_asked() const { return asks_to_stop(wait(-1, {})); }

 private:
  UniqueFd fd_;
};

}  // namespace ordercast::app
