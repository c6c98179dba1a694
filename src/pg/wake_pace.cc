#include "pg/wake_pace.h"

#include <algorithm>

namespace ordercast::pg {

void WakePace::has_read(int transactions, Time::duration took, Time now) {
  if (transactions > 0) {
    const bool close = now - last_news_ <= transactions * kBusyGap;
    in_a_row_ = close ? std::min(in_a_row_ + transactions, kBusyTransactions) : transactions;
    last_news_ = now;
  }
  pause_ = quiet(now)
               ? std::min<Duration>(2 * pause_, kLongest)
               : std::clamp(std::chrono::duration_cast<Duration>(took), kShortest, kMostWhileBusy);
}

}  // namespace ordercast::pg
