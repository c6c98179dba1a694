// When each stream has to end, and why: its token expires or is revoked, its session ends, it has
// lasted as long as it may, the node drains. One list for all, which the fan-out's thread looks at,
// so that no parked thread needs a timer of its own. Not thread-safe: the hub's mutex guards it,
// and the Stays.
#pragma once

#include <chrono>
#include <functional>
#include <optional>
#include <set>
#include <string_view>
#include <unordered_set>
#include <utility>
#include <vector>

#include "core/grant.h"
#include "core/view.h"
#include "hub/fan_out.h"
#include "hub/seat.h"

namespace ordercast::hub {

class Endings {
 public:
  using Time = std::chrono::steady_clock::time_point;

  // What is known of one stream. Its owner keeps it in place from add() to remove().
  struct Stay {
    SeatPtr seat;
    ViewPtr view;
    GrantPtr grant = nullptr;  // none: nobody was asked
    std::optional<Time> at = std::nullopt;
    std::string_view reason = {};  // static: one of those below
    [[nodiscard]] bool over(Time now) const { return at && now >= *at; }
  };

  void add(Stay& stay) { all_.insert(&stay); }
  void remove(Stay& stay);

  // The earliest of several counts.
  void end_by(Stay& stay, Time at, std::string_view reason);
  // Those whose grant is one of `which` end now. Whether there are any.
  [[nodiscard]] bool end_now(const std::function<bool(const Grant&)>& which, Time now,
                             std::string_view reason);

  // The first that is still to come.
  [[nodiscard]] std::optional<Time> next() const;
  // Those whose time has come since the last call. Some of them may not sit.
  [[nodiscard]] std::vector<FanOut::Leaver> take_due(Time now);

 private:
  std::unordered_set<Stay*> all_;
  std::set<std::pair<Time, Stay*>> to_come_;
};

// Clients are told the words, but for kDrain, which is a goodbye without one.
inline constexpr std::string_view kDrain = "drain";
inline constexpr std::string_view kTokenExpired = "token_expired";
inline constexpr std::string_view kTokenRevoked = "token_revoked";
inline constexpr std::string_view kSignedOut = "signed_out";
inline constexpr std::string_view kLifetime = "lifetime";

}  // namespace ordercast::hub
