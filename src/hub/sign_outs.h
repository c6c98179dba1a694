// Which sessions have ended lately: a stream that was admitted before its session ended may begin
// only now. Not thread-safe: the hub's mutex guards it.
#pragma once

#include <chrono>
#include <cstddef>
#include <deque>
#include <string>

#include "core/grant.h"

namespace ordercast::hub {

class SignOuts {
 public:
  using Time = std::chrono::steady_clock::time_point;

  void add(std::string session, Time now);
  // The session that brought it has ended since. Whoever signs in again brings it anew.
  [[nodiscard]] bool cover(const Grant& grant) const;

  // Longer than a ticket lasts, and the first read of a stream takes.
  static constexpr std::chrono::seconds kKept{120};
  // Of more in that time the earliest are forgotten: anybody may sign out of what is no session.
  static constexpr std::size_t kMost = 10'000;

 private:
  struct SignOut {
    Time at;
    std::string session;
  };
  std::deque<SignOut> latest_;  // by time
};

}  // namespace ordercast::hub
