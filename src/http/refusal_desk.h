// Turns connections away politely, on one thread for all of them, when they cannot have a thread of
// their own. Waits a moment for each head, because the right refusal depends on it: an EventSource
// must get 200, text/event-stream and `retry:`, since it gives up for ever on any other status;
// everybody else gets 503 as JSON with Retry-After. The delays are random, so that a refused crowd
// does not return in step. Thread-safe.
#pragma once

#include <chrono>
#include <cstddef>
#include <string>
#include <vector>

#include "base/mutex.h"
#include "base/thread.h"
#include "base/unique_fd.h"
#include "http/head_scanner.h"
#include "http/server_options.h"
#include "http/socket_io.h"

namespace ordercast::http {

class RefusalDesk {
 public:
  // `busy_answer` is the whole 503. Throws std::system_error when the thread cannot be had.
  RefusalDesk(const ServerOptions& options, std::string busy_answer);
  ~RefusalDesk();
  RefusalDesk(const RefusalDesk&) = delete;
  RefusalDesk& operator=(const RefusalDesk&) = delete;

  // Never blocks. When too many are waiting already, the connection is closed unanswered.
  void refuse(UniqueFd connection) EXCLUDES(mutex_);

 private:
  struct Visitor {
    UniqueFd socket;
    Deadline deadline;
    HeadScanner scanner;
    std::string head{};     // what has arrived of it
    bool answered = false;  // then only its close is awaited
  };

  void run() EXCLUDES(mutex_);
  // Waits for a byte or a deadline of a visitor, or for refuse() or the destructor.
  void wait(const std::vector<Visitor>& visitors, std::vector<pollfd>& entries) const;
  // False when it is time to end.
  [[nodiscard]] bool admit(std::vector<Visitor>& visitors) EXCLUDES(mutex_);
  // Whether the visitor is done with.
  [[nodiscard]] bool attend(Visitor& visitor) const noexcept;
  [[nodiscard]] bool listen(Visitor& visitor, std::string_view bytes) const;
  void answer(Visitor& visitor) const;
  [[nodiscard]] std::string retry_answer() const;

  const ServerOptions options_;
  const std::string busy_answer_;
  const UniqueFd wake_event_;

  Mutex mutex_;
  std::vector<Visitor> newcomers_ GUARDED_BY(mutex_);
  std::size_t present_ GUARDED_BY(mutex_) = 0;  // newcomers and those being attended to
  bool stopping_ GUARDED_BY(mutex_) = false;

  Thread thread_;  // last: it uses all of the above
};

}  // namespace ordercast::http
