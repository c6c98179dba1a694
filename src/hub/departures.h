// When each subscriber of a hub that drains is to leave: one after the other, evenly spread over a
// window, so that the nodes they go to see a steady trickle and not a crowd. Value type; not
// thread-safe.
#pragma once

#include <chrono>
#include <cstddef>

namespace ordercast::hub {

class Departures {
 public:
  using Time = std::chrono::steady_clock::time_point;

  Departures(Time begin, std::chrono::milliseconds window, std::size_t subscribers)
      : begin_(begin), window_(window), subscribers_(subscribers) {}

  // The n-th who asks leaves n / subscribers of the window after its begin: the first at once.
  // Those beyond `subscribers`, who came meanwhile, leave when the window ends.
  [[nodiscard]] Time next();

 private:
  Time begin_;
  std::chrono::milliseconds window_;
  std::size_t subscribers_;
  std::size_t given_ = 0;
};

}  // namespace ordercast::hub
