#include "pg/wake_pace.h"

#include <algorithm>

namespace ordercast::pg {

void WakePace::has_read(int transactions, Time::duration took, Time now) {
  if (transactions > 0) {
    const auto since = now - last_news_;
    const bool close = since <= transactions * kBusyGap;
    gap_ = (gap_ + std::chrono::duration_cast<Duration>(std::min<Time::duration>(since, kQuiet)) /
                       transactions) /
           2;
    in_a_row_ = close ? std::min(in_a_row_ + transactions, kBusyTransactions) : transactions;
    apart_ = close ? 0 : std::min(apart_ + 1, kBusyTransactions);
    last_news_ = now;
  }
  // Once for each of them: whom an open transaction keeps from arming does not try at each read.
  slow_ = transactions > 0 && apart_ == kBusyTransactions;
  if (silent(now)) {
    pause_ = std::min<Duration>(2 * pause_, kLongest);
    return;
  }
  const auto rest = std::max(kRestsForEachRead * std::chrono::duration_cast<Duration>(took),
                             gap_ / kReadsForEachChange);
  pause_ = std::clamp(rest, kShortest, kMostWhileBusy);
}

}  // namespace ordercast::pg
