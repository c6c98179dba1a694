#include "load/deliveries.h"

#include <algorithm>
#include <iterator>

namespace ordercast::load {
namespace {

double to_ms(std::int64_t nanoseconds) {
  return static_cast<double>(nanoseconds) / 1e6;
}

}  // namespace

Deliveries::Deliveries(std::uint64_t first, std::uint64_t last,
                       std::optional<std::int64_t> origin_ns)
    : first_(first), origin_ns_(origin_ns), events_(last - first + 1) {}

void Deliveries::add(const Stamp& stamp, std::int64_t received_ns) {
  const auto age = received_ns - origin_ns_.value_or(stamp.sent_ns);
  if (first_ > 0) {
    if (stamp.seq < first_ || stamp.seq - first_ >= events_.size()) return;
    auto& event = events_[stamp.seq - first_];
    if (event.receivers++ == 0) {
      event.first_received = received_ns;
      event.first_age = age;
    }
    event.last_age = age;
  }
  ages_.add(age);
  last_ns_ = received_ns;
}

Latency Deliveries::latency() const {
  Latency latency{.median = to_ms(ages_.quantile(0.5)), .p99 = to_ms(ages_.quantile(0.99))};
  std::vector<Event> seen;
  std::copy_if(events_.begin(), events_.end(), std::back_inserter(seen),
               [](const Event& event) { return event.receivers > 0; });
  if (seen.empty()) return latency;
  const auto middle = seen.begin() + static_cast<std::ptrdiff_t>(seen.size() / 2);
  const auto first = [](const Event& a, const Event& b) { return a.first_age < b.first_age; };
  const auto last = [](const Event& a, const Event& b) { return a.last_age < b.last_age; };
  if (origin_ns_) {
    latency.first = to_ms(std::min_element(seen.begin(), seen.end(), first)->first_age);
    latency.last = to_ms(std::max_element(seen.begin(), seen.end(), last)->last_age);
    return latency;
  }
  std::nth_element(seen.begin(), middle, seen.end(), first);
  latency.first = to_ms(middle->first_age);
  std::nth_element(seen.begin(), middle, seen.end(), last);
  latency.last = to_ms(middle->last_age);
  return latency;
}

std::optional<std::int64_t> Deliveries::first_received_ns(std::uint64_t seq) const {
  const auto& event = events_.at(seq - first_);
  return event.receivers > 0 ? std::optional(event.first_received) : std::nullopt;
}

}  // namespace ordercast::load
