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
  using Duration = std::chrono::microseconds;

  // An awake node rests between two reads while changes come, and half of that is the mean delay.
  // It reads for a quarter of the time at most, so that where processors are short, and a read
  // takes long, they are the writers'; and not many times for each change that comes.
  static constexpr Duration kShortest{200};
  static constexpr Duration kMostWhileBusy{4000};
  static constexpr int kRestsForEachRead = 3;
  static constexpr int kReadsForEachChange = 16;
  // And so rarely when none come but one open transaction keeps it from sleeping: also the longest
  // that a commit of another transaction is then delayed.
  static constexpr Milliseconds kLongest{25};
  // Commits that notify queue for one lock, and each then waits for the disk alone: they cannot
  // come faster than that, however many would like to. So the limit is what even a slow disk can
  // do.
  static constexpr Milliseconds kBusyGap{20};
  // So many in a row make it busy: a single burst of a few does not. And so many, each later than
  // that, make it quiet: else a node that has been busy would stay awake for changes that come
  // three times in 100 ms, and tell them later than if it slept.
  static constexpr int kBusyTransactions = 5;
  // To arm takes a statement and a read more: only when there was nothing for so long.
  static constexpr Milliseconds kQuiet{50};

  // A read has ended that took `took`, with the changes of so many transactions, or about so many.
  void has_read(int transactions, Time::duration took, Time now);

  [[nodiscard]] bool busy(Time now) const {
    return in_a_row_ >= kBusyTransactions && now - last_news_ <= kBusyGap;
  }
  [[nodiscard]] bool quiet(Time now) const { return slow_ || silent(now); }
  // Until the next read, for a node that no notification wakes.
  [[nodiscard]] Duration pause() const { return pause_; }

 private:
  [[nodiscard]] bool silent(Time now) const { return now - last_news_ > kQuiet; }

  Time last_news_{};
  int in_a_row_ = 0;       // transactions, kBusyGap apart at most
  int apart_ = 0;          // in a row, further apart
  bool slow_ = false;      // the last read brought one of so many of these
  Duration gap_ = kQuiet;  // between two transactions with changes, about
  Duration pause_ = kShortest;
};

}  // namespace ordercast::pg
