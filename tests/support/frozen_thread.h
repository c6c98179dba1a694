// One thread of another process that is made to stand still (ptrace(2)) while this object lives: a
// hang, as a deadlock or a dead disk brings it about. All other threads go on. Confined to one
// thread. Throws std::runtime_error when there is no thread of that name, or it may not be traced.
#pragma once

#include <sys/types.h>

#include <string>

namespace ordercast::testing {

class FrozenThread {
 public:
  // `name`: as base/thread.h gives it.
  FrozenThread(pid_t process, const std::string& name);
  ~FrozenThread();
  FrozenThread(const FrozenThread&) = delete;
  FrozenThread& operator=(const FrozenThread&) = delete;

 private:
  pid_t thread_;
};

}  // namespace ordercast::testing
