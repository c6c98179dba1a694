#include "rig/cores.h"

#include <sched.h>

#include <thread>

namespace ordercast::bench {

void pin_thread(Core core) {
  if (std::thread::hardware_concurrency() < 2) return;
  cpu_set_t set;
  CPU_ZERO(&set);
  CPU_SET(static_cast<unsigned>(core), &set);
  ::sched_setaffinity(0, sizeof set, &set);
}

}  // namespace ordercast::bench
