// How fast changes come, and what follows from it: whether writers should be let off, whether it is
// worth sleeping, how soon to look again. Only the cost depends on it, never whether a change is
// noticed (wake_protocol.h). Confined to the listener's thread.
#pragma once

#include <chrono>

namespace ordercast::pg {

class WakePace {
 public:
  using Time = std::chrono::steady_clock::time_point;
  using Milliseconds = std::chrono::milliseconds;

  // An awake node reads so often while changes come: half of it is the mean delay. An empty read
  // takes 0.1 ms of PostgreSQL's time.
  static constexpr Milliseconds kShortest{1};
  // And so rarely when none come but one open transaction keeps it from sleeping: also the longest
  // that a commit of another transaction is then delayed.
  static constexpr Milliseconds kLongest{25};
  // Commits that notify queue for one lock. At up to 200 a second nobody notices.
  static constexpr Milliseconds kBusyGap{5};
  // So many in a row make it busy: a single burst of a few does not.
  static constexpr int kBusyReads = 5;
  // To arm takes a statement and a read more: only when there was nothing for so long.
  static constexpr Milliseconds kQuiet{20};

  // A read has ended, with changes or without.
  void has_read(bool news, Time now);

  [[nodiscard]] bool busy(Time now) const {
    return close_reads_ >= kBusyReads && now - last_news_ <= kBusyGap;
  }
  [[nodiscard]] bool quiet(Time now) const { return now - last_news_ > kQuiet; }
  // Until the next read, for a node that no notification wakes.
  [[nodiscard]] Milliseconds pause() const { return pause_; }

 private:
  Time last_news_{};
  int close_reads_ = 0;  // with news, each at most kBusyGap after the one before
  Milliseconds pause_ = kShortest;
};

}  // namespace ordercast::pg
