// A socket whose next send stops in its midst, to see what others do meanwhile. Thread-safe.
#pragma once

#include "base/mutex.h"
#include "hub/sealed_socket.h"

namespace ordercast::testing {

class SendGate : public hub::SealedSocket {
 public:
  // Does not own the socket.
  explicit SendGate(int fd) : fd_(fd) {}

  // Stands before the gate until it is opened.
  [[nodiscard]] ssize_t send_now(std::string_view bytes) noexcept override;

  // False when no thread has come to stand before it within patience.
  [[nodiscard]] bool reached();
  // For who stands there and all who come later.
  void open();

 private:
  const int fd_;
  Mutex mutex_;
  CondVar changed_;
  bool open_ GUARDED_BY(mutex_) = false;
  bool reached_ GUARDED_BY(mutex_) = false;
};

}  // namespace ordercast::testing
