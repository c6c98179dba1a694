// Which core what runs on: the server under test and its database on one, the load generator and
// the publisher on the other, for all systems alike. On a machine with a single core nothing is
// pinned. Free functions.
#pragma once

namespace ordercast::bench {

enum class Core { kServer = 0, kLoad = 1 };

// The calling thread, and what it starts from now on.
void pin_thread(Core core);

// Pins what is started in this scope to the server's core; the calling thread is on the load's
// before and after.
class OnServerCore {
 public:
  OnServerCore() { pin_thread(Core::kServer); }
  ~OnServerCore() { pin_thread(Core::kLoad); }
  OnServerCore(const OnServerCore&) = delete;
  OnServerCore& operator=(const OnServerCore&) = delete;
};

}  // namespace ordercast::bench
