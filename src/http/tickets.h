// Tickets: what a page of another site opens its EventSource with, in the URL, where a token must
// not stand (URLs end up in logs). Each opens one stream, within half a minute, on the node that
// gave it. Thread-safe.
#pragma once

#include <chrono>
#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <unordered_map>

#include "base/mutex.h"
#include "core/grant.h"

namespace ordercast::http {

class Tickets {
 public:
  using Time = std::chrono::steady_clock::time_point;

  explicit Tickets(std::function<Time()> now = std::chrono::steady_clock::now)
      : now_(std::move(now)) {}

  // None when kMost are out already.
  [[nodiscard]] std::optional<std::string> issue(GrantPtr grant) EXCLUDES(mutex_);
  // What it was issued for; null when it is unknown, too old, or was used.
  [[nodiscard]] GrantPtr redeem(std::string_view ticket) EXCLUDES(mutex_);
  // Those that were issued to the session (Grant::session) open nothing any more.
  void sign_out(const std::string& session) EXCLUDES(mutex_);

  static constexpr std::chrono::seconds kLasts{30};
  // 10,000 pages that connect at once, after a restart; some 4 MB.
  static constexpr std::size_t kMost = 10'000;

 private:
  struct Issued {
    GrantPtr grant;
    Time ends;
  };

  const std::function<Time()> now_;
  Mutex mutex_;
  std::unordered_map<std::string, Issued> issued_ GUARDED_BY(mutex_);
};

}  // namespace ordercast::http
