#include "support/send_gate.h"

#include <sys/socket.h>
#include <sys/types.h>

#include <chrono>
#include <cstddef>
#include <optional>

#include "base/mutex.h"
#include "support/child_process.h"

namespace ordercast::testing {
namespace {

Mutex mutex;
CondVar changed;
std::optional<int> gated_fd GUARDED_BY(mutex);
bool somebody_stands GUARDED_BY(mutex) = false;

void pass(int fd) {
  const MutexLock lock(mutex);
  if (fd != gated_fd) return;
  somebody_stands = true;
  changed.notify_all();
  while (fd == gated_fd) changed.wait(mutex);
}

}  // namespace

SendGate::SendGate(int fd) {
  const MutexLock lock(mutex);
  gated_fd = fd;
  somebody_stands = false;
}

SendGate::~SendGate() {
  open();
}

bool SendGate::reached() const {
  const auto deadline = std::chrono::steady_clock::now() + kPatience;
  const MutexLock lock(mutex);
  while (!somebody_stands) {
    if (!changed.wait_until(mutex, deadline)) return somebody_stands;
  }
  return true;
}

void SendGate::open() {
  const MutexLock lock(mutex);
  gated_fd.reset();
  changed.notify_all();
}

}  // namespace ordercast::testing

// The program's own definition comes before that of a shared library (ELF). sendto() without an
// address is send().
extern "C" ssize_t send(int fd, const void* data, std::size_t size, int flags) {
  ordercast::testing::pass(fd);
  return ::sendto(fd, data, size, flags, nullptr, 0);
}
