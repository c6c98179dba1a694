// How the listener gets on, for /metrics and /readyz. A value.
#pragma once

#include <chrono>
#include <cstdint>
#include <optional>
#include <string>

namespace ordercast::pg {

// The change log, as it was measured last.
struct LogSize {
  std::uint64_t bytes = 0;
  // About: what was rolled back has taken numbers as well.
  std::uint64_t changes = 0;
  // Of the earliest change that a client can still have; none in an empty log.
  std::optional<std::chrono::seconds> oldest_age = std::nullopt;
};

struct ListenerStatus {
  using Time = std::chrono::steady_clock::time_point;

  bool connected = false;
  std::uint64_t connections = 0;  // that came to follow the log, so far
  std::uint64_t failures = 0;     // attempts and connections that failed
  // While not connected: why the database cannot be used though it answers, as /readyz says it;
  // else empty.
  std::string unusable_code = {};
  std::string unusable_detail = {};
  // A page of the log was read last; the log was read to its end last: all that was committed
  // before is known here.
  std::optional<Time> last_page = std::nullopt;
  std::optional<Time> last_end = std::nullopt;
  // Since when the oldest transaction of those that had not ended at the last read has been seen
  // there; none when there was none. Only those that have written something, and began before the
  // last change of the log: what they hold up is its retention.
  std::optional<Time> oldest_transaction_seen = std::nullopt;
  // 0 to 1; none while it was never asked for.
  std::optional<double> notify_queue_ratio = std::nullopt;
  std::optional<LogSize> log = std::nullopt;
};

}  // namespace ordercast::pg
