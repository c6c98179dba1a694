#include "hub/departures.h"

namespace ordercast::hub {

Departures::Time Departures::next() {
  if (given_ >= subscribers_) return begin_ + window_;
  const double share = static_cast<double>(given_++) / static_cast<double>(subscribers_);
  return begin_ + std::chrono::duration_cast<Time::duration>(window_ * share);
}

}  // namespace ordercast::hub
