#include "hub/departures.h"

#include <catch2/catch.hpp>

namespace ordercast::hub {
namespace {

using std::chrono::milliseconds;
using Time = Departures::Time;

TEST_CASE("Subscribers leave evenly spread over the window, the first at once", "[departures]") {
  const Time begin{std::chrono::hours(7)};
  Departures departures(begin, milliseconds(1000), 4);
  for (const int ms : {0, 250, 500, 750}) CHECK(departures.next() == begin + milliseconds(ms));
}

TEST_CASE("Who comes while the hub drains leaves at the end of the window", "[departures]") {
  const Time begin{std::chrono::hours(7)};
  Departures departures(begin, milliseconds(1000), 1);
  CHECK(departures.next() == begin);
  CHECK(departures.next() == begin + milliseconds(1000));
  CHECK(departures.next() == begin + milliseconds(1000));
  CHECK(Departures(begin, milliseconds(1000), 0).next() == begin + milliseconds(1000));
}

TEST_CASE("Without a window all leave at once", "[departures]") {
  const Time begin{std::chrono::hours(7)};
  Departures departures(begin, milliseconds(0), 3);
  for (int i = 0; i < 4; ++i) CHECK(departures.next() == begin);
}

}  // namespace
}  // namespace ordercast::hub
