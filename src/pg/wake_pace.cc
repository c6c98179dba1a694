#include "pg/wake_pace.h"

#include <algorithm>

namespace ordercast::pg {

void WakePace::has_read(bool news, Time now) {
  if (news) {
    close_reads_ = now - last_news_ <= kBusyGap ? close_reads_ + 1 : 1;
    last_news_ = now;
  }
  pause_ = quiet(now) ? std::min(2 * pause_, kLongest) : kShortest;
}

}  // namespace ordercast::pg
