// Turns connections away politely, on one thread for all of them, when they cannot have a thread of
// their own. Waits a moment for each head, because the form of the refusal depends on it
// (refusal_form.h). Thread-safe.
#pragma once

#include <atomic>
#include <chrono>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include "base/mutex.h"
#include "base/thread.h"
#include "base/unique_fd.h"
#include "http/guarded_library.h"
#include "http/head_scanner.h"
#include "http/refusal.h"
#include "http/request_head.h"
#include "http/router.h"
#include "http/server_options.h"
#include "http/socket_io.h"
#include "http/tls_session.h"
#include "http/wire.h"

namespace ordercast::http {

class RefusalDesk {
 public:
  // `always`: what is answered instead of a refusal (Server::route_always). Both outlive it. Throws
  // std::system_error when the thread cannot be had.
  RefusalDesk(const ServerOptions& options, const GuardedLibrary& library, const Router& always);
  ~RefusalDesk();
  RefusalDesk(const RefusalDesk&) = delete;
  RefusalDesk& operator=(const RefusalDesk&) = delete;

  // Ends its thread, and with it what it was about to say. Idempotent; nobody is refused after it.
  void stop() EXCLUDES(mutex_);

  // Never blocks. When too many are waiting already, the connection is closed unanswered.
  void refuse(UniqueFd connection, const Refusal& why) EXCLUDES(mutex_);

  // Closed so, so far.
  [[nodiscard]] std::uint64_t unanswered() const { return unanswered_; }

 private:
  struct Visitor {
    UniqueFd socket;
    std::unique_ptr<TlsSession> tls;  // null: plain
    Refusal why;
    Deadline deadline;
    HeadScanner scanner;
    std::string head{};     // what has arrived of it
    bool answered = false;  // then only its close is awaited

    [[nodiscard]] Wire wire() const { return {socket.get(), tls.get()}; }
  };

  void run() EXCLUDES(mutex_);
  // Waits for a byte or a deadline of a visitor, or for refuse() or stop().
  void wait(const std::vector<Visitor>& visitors, std::vector<pollfd>& entries) const;
  // False when it is time to end.
  [[nodiscard]] bool admit(std::vector<Visitor>& visitors) EXCLUDES(mutex_);
  // Whether the visitor is done with.
  [[nodiscard]] bool attend(Visitor& visitor) const noexcept;
  [[nodiscard]] bool listen(Visitor& visitor, std::string_view bytes) const;
  void answer(Visitor& visitor) const;
  [[nodiscard]] Response response(const Visitor& visitor, const RequestHead* head) const;

  const ServerOptions options_;
  const GuardedLibrary& library_;
  const Router& always_;
  const UniqueFd wake_event_;

  Mutex mutex_;
  std::vector<Visitor> newcomers_ GUARDED_BY(mutex_);
  std::size_t present_ GUARDED_BY(mutex_) = 0;  // newcomers and those being attended to
  bool stopping_ GUARDED_BY(mutex_) = false;
  std::atomic<std::uint64_t> unanswered_ = 0;

  Thread thread_;  // last: it uses all of the above
};

}  // namespace ordercast::http
