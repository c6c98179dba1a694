// Accepts connections until it is told to stop, whatever accept(2) says meanwhile: the loop of
// cpp-httplib ends on ENFILE, ENOBUFS, ENOMEM and ECONNABORTED, and spins on EMFILE.
//
// Out of descriptors, it gives up one it keeps in reserve, accepts and closes at once: the peer
// sees a reset (a browser's EventSource comes back) rather than silence. When even that fails it
// pauses. run() on one thread, stop() and failures() from any.
#pragma once

#include <atomic>
#include <chrono>
#include <cstdint>
#include <functional>

#include "base/unique_fd.h"

namespace ordercast::http {

class Acceptor {
 public:
  using AcceptCall = std::function<int(int listening_fd)>;
  // Called on run()'s thread for each connection; must neither block nor throw.
  using Take = std::function<void(UniqueFd)>;

  // An empty `accept` is accept4(2). Throws std::system_error when the system has no descriptors.
  Acceptor(UniqueFd listening, AcceptCall accept, std::chrono::milliseconds pause, Take take);
  Acceptor(const Acceptor&) = delete;
  Acceptor& operator=(const Acceptor&) = delete;

  // Until stop(); then the listening socket is closed.
  void run();
  void stop();

  [[nodiscard]] std::uint64_t failures() const { return failures_; }

 private:
  enum class Wake { kConnection, kStop };

  [[nodiscard]] Wake wait();
  // False when stop() came during the pause.
  [[nodiscard]] bool handle_failure(int error);
  // Accepts and closes one connection with the reserve's descriptor; whether there was one.
  [[nodiscard]] bool turn_one_away();
  [[nodiscard]] bool pause() const;
  void log_failure(int error);

  UniqueFd listening_;
  const UniqueFd stop_event_;
  UniqueFd reserve_;
  const AcceptCall accept_;
  const std::chrono::milliseconds pause_;
  const Take take_;
  std::atomic<std::uint64_t> failures_ = 0;
  std::chrono::steady_clock::time_point next_log_{};  // run()'s thread only
};

}  // namespace ordercast::http
